/** An added token with all the flags that a `tokenizer.json` has. */
export function addedToken(id: number, content: string, flags: object = {}): object {
  const none = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return { id, content, ...none, special: false, ...flags };
}

/** Articles as whole words, by the letters, digits and underscores of Python's `\b`. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** ASCII's signs, as SQuAD's own evaluation has them: `string.punctuation`. */
const SIGNS = /[!-/:-@[-`{-~]/gu;
/** Control characters that are blanks in Python alone. */
const CONTROLS = "\u001C\u001D\u001E\u001F\u0085";
/** Blanks of Python's `str.split`, which the byte order mark is not. */
const BLANKS = new RegExp(`(?:(?!\uFEFF)[\\s${CONTROLS}])+`, "u");

/** Words of an answer as SQuAD compares them: in lower case, without signs and articles. */
function wordsOf(answer: string): readonly string[] {
  const plain = answer.toLowerCase().replaceAll(SIGNS, "").replaceAll(ARTICLES, " ");
  return plain.split(BLANKS).filter((word) => word !== "");
}

/** 1 where both answers are the same words. */
export function exactMatch(predicted: string, expected: string): number {
  return Number(wordsOf(predicted).join(" ") === wordsOf(expected).join(" "));
}

/** F1 of the words that both answers have in common; where one has none, whether both have none. */
export function wordF1(predicted: string, expected: string): number {
  const [found, wanted] = [wordsOf(predicted), wordsOf(expected)];
  if (found.length === 0 || wanted.length === 0) return Number(found.length === wanted.length);
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count > 0) common++;
    left.set(word, count - 1);
  }
  return (2 * common) / (found.length + wanted.length);
}

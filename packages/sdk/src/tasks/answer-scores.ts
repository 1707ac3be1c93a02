/** Words that do not count. */
const ARTICLES = /\b(?:a|an|the)\b/gu;
/** ASCII's signs, as SQuAD's own evaluation has them. */
const SIGNS = /[!-/:-@[-`{-~]/gu;

/** Words of an answer as SQuAD compares them: in lower case, without signs and articles. */
function wordsOf(answer: string): readonly string[] {
  const plain = answer.toLowerCase().replaceAll(SIGNS, "").replaceAll(ARTICLES, " ");
  return plain.split(/\s+/u).filter((word) => word !== "");
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

/** A name as records and JSON results spell it: `learning_rate` for `learningRate`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** Words as one line for a shell, quoted where a shell would take them apart. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./+:=@,-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

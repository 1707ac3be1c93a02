/** Characters of the longest name that npm takes. */
const LONGEST = 214;

/**
 * Whether a text names an installed package, and can be nothing else: no path, no address, no module of Node.js. This is all
 * that a file may name as code.
 */
export function isPackageName(text: unknown): text is string {
  return (
    typeof text === "string" &&
    text.length <= LONGEST &&
    /^(?:@[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*$/iu.test(text) &&
    !/\.[cm]?[jt]s$/iu.test(text)
  );
}

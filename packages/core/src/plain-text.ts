/** Characters that a name may have in a message; longer ones are cut. */
const LONGEST_NAME = 60;

/** Characters of the shortest token that is looked for: shorter ones stand in ordinary words too. */
const SHORTEST_SECRET = 6;

const HIDDEN = "***";

/**
 * Control characters but for tab and line feed, line separators, and the marks that change the order of text on a screen:
 * what a terminal would obey rather than show.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROLS = /[\0-\x08\x0B-\x1F\x7F-\x9F\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** A text of unknown length as it may stand in a message. */
export function shortened(text: string, longest: number = LONGEST_NAME): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}... (${text.length} characters)`;
}

/** A text in which nothing steers a terminal: control characters are written as JSON escapes them, `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * A text without secrets: those given in any case and any URL encoding, whatever looks like an access token of Hugging Face,
 * the values of authorization headers, and names and passwords in URLs.
 */
export function redacted(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(anySpelling(secret), HIDDEN);
  }
  return clean
    .replaceAll(/\bhf_[a-z\d]{10,}/giu, (token) => (looksDrawn(token) ? HIDDEN : token))
    .replaceAll(/\b(bearer|basic)(\s+|%20|\+)[\w.~+/%-]{6,}=*/giu, `$1$2${HIDDEN}`)
    .replaceAll(/\b(authorization["']?\s*[:=]\s*["']?)(?!bearer|basic)[^\s"',;]+/giu, `$1${HIDDEN}`)
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#"'<>]*@/giu, `$1${HIDDEN}@`)
    .replaceAll(/(\b[a-z][a-z\d+.-]*%3a%2f%2f)[^\s/?#"'<>]*?(?:%40|@)/giu, `$1${HIDDEN}%40`)
    .replaceAll(
      /([?&](?:[\w-]*(?:token|signature|credential|password|secret)|sig|api_?key)=)[^\s&#"'<>]+/giu,
      `$1${HIDDEN}`,
    );
}

/** A secret in upper and lower case, each of its characters as it is or as a URL encodes it, once or more. */
function anySpelling(secret: string): RegExp {
  const spelled = Array.from(secret, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return `(?:${character.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`)}|%(?:25)*${code})`;
  });
  return new RegExp(spelled.join(""), "giu");
}

/** Whether what follows `hf_` was drawn at random, as tokens are: names of folders and variables are shorter, or of one case. */
function looksDrawn(token: string): boolean {
  const rest = token.slice("hf_".length);
  return rest.length >= 20 || (/[a-z]/u.test(rest) && /[A-Z]/u.test(rest));
}

/** HTML that may stand in a page as it is. */
export interface Markup {
  readonly markup: string;
}

/** Contents of an element: text, which is escaped, markup, or a list of both; `undefined` and `false` leave nothing. */
export type Content = string | number | Markup | readonly Content[] | undefined | false;

/** Text as HTML shows it, in elements and in attributes. */
const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** Markup that is known to be safe: a style sheet, a script. */
export const raw = (markup: string): Markup => ({ markup });

/** A template of HTML: everything that is put into it is escaped, unless it is {@link Markup}. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return raw(parts.map((part, index) => part + textOf(contents[index])).join(""));
}

function textOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return escapeHtml(content);
  if (typeof content === "number") return String(content);
  return "markup" in content ? content.markup : content.map(textOf).join("");
}

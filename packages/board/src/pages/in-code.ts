import { html, type Content } from "@ligo/report";

/** A message, the names in backticks as code. */
export const inCode = (text: string): Content =>
  text.split("`").map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));

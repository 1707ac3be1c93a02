import { html, raw, type Content, type Markup } from "./html.js";

export interface Page {
  /** Title of the window; the heading stands in the body. */
  readonly title: string;
  /** Contents of `head` beside title and character set: styles. */
  readonly head: Content;
  readonly body: Content;
}

/** A whole page. */
export function page({ body, head, title }: Page): string {
  const { markup }: Markup = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      ${head}
    </head>
    <body>
      ${body}
    </body>
  </html>`;
  return `<!doctype html>\n${markup}\n`;
}

export const inlineStyle = (css: string): Markup => raw(`<style>${css}</style>`);
export const inlineScript = (code: string): Markup => raw(`<script>${code}</script>`);

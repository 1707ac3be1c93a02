import { html, type Content, type Markup } from "../html.js";

/** States that badges have colours for. */
export type BadgeState = "running" | "finished" | "stopped" | "failed" | "waiting";

/** A word on how something stands. */
export const badge = (state: BadgeState, text: string = state): Markup =>
  html`<span class="badge ${state}">${text}</span>`;

/** A line for a shell, with a button that copies it. */
export const commandLine = (line: string): Markup =>
  html`<div class="command">
    <code tabindex="0">${line}</code><button type="button" data-copy="${line}">Copy</button>
  </div>`;

/** Facts by name. */
export const factList = (facts: readonly (readonly [name: string, value: Content])[]): Markup =>
  html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

import { html } from "@ligo/report";
import type { View } from "../pages/view.js";

/** The parts of a page that change. */
export const bodyOf = (id: string, { eyebrow, heading, main }: View): string =>
  html`<header class="top">
      <p class="eyebrow">${id !== "" && html`<a href="/">All runs</a> · `}${eyebrow}</p>
      <h1>${heading}</h1>
    </header>
    <main>${main}</main>`.markup;

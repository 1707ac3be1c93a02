import { html, type Content, type Markup } from "../html.js";

/** A table in a box that scrolls where it is wider than the page; its first row is the head. */
export function table(caption: string, rows: readonly (readonly Content[])[]): Markup {
  const [head = [], ...body] = rows;
  return html`<section class="card">
    <h2>${caption}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${body.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

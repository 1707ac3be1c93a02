import { html, type Markup } from "../html.js";

/** Weights by row and column. */
export interface HeatMap {
  readonly caption: string;
  /** Names of the rows and of the columns. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly corner: string;
  readonly weights: readonly (readonly number[])[];
}

/** Columns beyond which cells are too narrow for numbers. */
const NUMBERED = 16;

/** A heat map: blue above zero, orange below, the more the further from it. */
export function heatMap({ caption, columns, corner, rows, weights }: HeatMap): Markup {
  const most = Math.max(...weights.flat().map(Math.abs), Number.MIN_VALUE);
  const isNumbered = columns.length <= NUMBERED;
  const cell = (weight: number, row: string, column: string): Markup => {
    const share = Math.abs(weight) / most;
    const below = weight < 0 && "below";
    const says = `${row} from ${column}: ${weight.toFixed(3)}`;
    // cells without a number are read by their names
    const text = isNumbered ? weight.toFixed(2).replace("-", "−") : "";
    return html`<td class="${below}" title="${says}" style="--weight:${share.toFixed(3)}">
      ${text}
    </td>`;
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table class="heat ${!isNumbered && "dense"}">
      <thead>
        <tr>
          <th scope="col">${corner}</th>
          ${columns.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, i) =>
            html`<tr>
              <th scope="row">${row}</th>
              ${columns.map((column, j) => cell(weights[i]?.[j] ?? 0, row, column))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

import type { Chart } from "../chart.js";
import { html, type Markup } from "../html.js";

/** A chart, which the script of the page draws, with a choice of the horizontal axis. */
export function chartFigure(chart: Chart): Markup {
  const { id, measures, series, title } = chart;
  const choice =
    measures.length > 1 &&
    html`<fieldset class="tools" data-keep aria-label="Horizontal axis">
      ${measures.map(
        ({ name }, index) =>
          html`<label
            ><input
              type="radio"
              name="${id}-axis"
              value="${name}"
              ${index === 0 && "checked"}
            />${name}</label
          >`,
      )}
    </fieldset>`;
  const names = series.map(({ name }) => name).join(", ");
  return html`<figure class="card chart" id="${id}" data-chart="${JSON.stringify(chart)}">
    <div class="head">
      <h2>${title}</h2>
      ${choice}
    </div>
    <div class="plot" data-keep role="img" aria-label="${title}: ${names}"></div>
  </figure>`;
}

import { html, type Markup } from "../html.js";

/** Bars that still can be told apart. */
const BARS = 96;

/**
 * Numbers of many units as bars side by side, of those that belong together the mean.
 *
 * @param old the first of them that were there before, in another colour
 */
export function strip(label: string, values: readonly number[], old: number): Markup {
  const bars = Math.min(BARS, values.length);
  const edge = (bar: number): number => Math.round((bar * values.length) / bars);
  const means = Array.from({ length: bars }, (_, bar) => {
    const part = values.slice(edge(bar), edge(bar + 1));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const most = Math.max(...means, Number.MIN_VALUE);
  return html`<svg
    class="strip"
    viewBox="0 0 ${bars} 30"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${means.map((mean, bar) => {
      const height = (30 * mean) / most;
      return html`<rect
        class="${edge(bar) < old ? "old" : "new"}"
        x="${bar}"
        y="${(30 - height).toFixed(2)}"
        width="0.85"
        height="${height.toFixed(2)}"
      ></rect>`;
    })}
  </svg>`;
}

import { html, type Markup } from "../html.js";

/** Bars that still can be told apart. */
const BARS = 96;

/** A number of one unit. */
export interface StripValue {
  readonly value: number;
  /** Whether the unit was there before: it takes another colour. */
  readonly isOld: boolean;
}

/** Numbers of many units as bars side by side; of those that share a bar, the mean. */
export function strip(label: string, values: readonly StripValue[]): Markup {
  const bars = Math.min(BARS, values.length);
  const edge = (bar: number): number => Math.round((bar * values.length) / bars);
  const means = Array.from({ length: bars }, (_, bar) => {
    const part = values.slice(edge(bar), edge(bar + 1));
    return {
      mean: part.reduce((sum, { value }) => sum + value, 0) / part.length,
      isOld: 2 * part.filter(({ isOld }) => isOld).length > part.length,
    };
  });
  const most = Math.max(...means.map(({ mean }) => mean), Number.MIN_VALUE);
  return html`<svg
    class="strip"
    viewBox="0 0 ${bars} 30"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${means.map(({ isOld, mean }, bar) => {
      const height = (30 * mean) / most;
      return html`<rect
        class="${isOld ? "old" : "new"}"
        x="${bar}"
        y="${(30 - height).toFixed(2)}"
        width="0.85"
        height="${height.toFixed(2)}"
      ></rect>`;
    })}
  </svg>`;
}

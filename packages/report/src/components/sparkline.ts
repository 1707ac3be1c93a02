import { html, type Markup } from "../html.js";

/** A curve without axes. */
export function sparkline(label: string, values: readonly number[]): Markup {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const points = finite.map((value, index) => {
    const x = (100 * index) / Math.max(1, finite.length - 1);
    const y = 22 - (20 * (value - low)) / (high - low || 1);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return html`<svg
    class="spark"
    viewBox="0 0 100 24"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    <polyline points="${points.join(" ")}"></polyline>
  </svg>`;
}

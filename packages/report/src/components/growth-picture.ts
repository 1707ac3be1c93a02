import { formatParameters } from "../format.js";
import { html, type Markup } from "../html.js";

/** Sizes of a model, as a picture of it needs them. */
export interface ModelSize {
  readonly layers: number;
  readonly width: number;
  readonly parameters?: number | undefined;
}

/** Units of the drawing: the widest block, and the height of the highest stack. */
const [WIDEST, HIGHEST] = [160, 120];

/** Small and large side by side: a block for every layer, as wide as the layer is. */
export function growthPicture(small: ModelSize, large: ModelSize): Markup {
  const [width, layers] = [
    Math.max(small.width, large.width),
    Math.max(small.layers, large.layers),
  ];
  const factor =
    small.parameters !== undefined &&
    large.parameters !== undefined &&
    html`<small>× ${(large.parameters / small.parameters).toPrecision(2)}</small>`;
  const draw = (size: ModelSize): Markup => model(size, WIDEST / width, HIGHEST / layers);
  return html`<div class="growth">
    ${draw(small)}
    <div class="arrow"><span aria-hidden="true">→</span>${factor}</div>
    ${draw(large)}
  </div>`;
}

function model(
  { layers, parameters, width }: ModelSize,
  perUnit: number,
  perLayer: number,
): Markup {
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const [wide, top] = [width * perUnit, HIGHEST - (layer + 1) * perLayer];
    const left = (WIDEST - wide) / 2;
    return html`<rect
      x="${left.toFixed(1)}"
      y="${top.toFixed(1)}"
      width="${wide.toFixed(1)}"
      height="${perLayer.toFixed(2)}"
      rx="2"
    ></rect>`;
  });
  const amount =
    parameters !== undefined &&
    html`<br /><small>${formatParameters(parameters)} parameters</small>`;
  return html`<figure>
    <svg viewBox="0 0 ${WIDEST} ${HIGHEST}" aria-hidden="true">${blocks}</svg>
    <figcaption>${sizeText({ layers, width })}${amount}</figcaption>
  </figure>`;
}

/** `6 layers x 128`. */
export const sizeText = ({ layers, width }: Pick<ModelSize, "layers" | "width">): string =>
  `${layers} ${layers === 1 ? "layer" : "layers"} × ${width}`;

import { formatCount, heatMap, html, strip, type Markup } from "@ligo/report";
import type { OperatorView, SpaceWidth, StackDepth } from "../read/operator.js";

/** Cells of heat maps of single parameters that a page has room for. */
const MOST_CELLS = 3000;

/** Cards on an operator: the sources of every layer, and the making of new units. */
export function operatorCards({ depth, unread, width }: OperatorView): readonly Markup[] {
  return [
    ...(depth.length === 0 ? [] : [depthCard(depth)]),
    ...(width.length === 0 ? [] : [widthCard(width, unread)]),
  ];
}

function depthCard(depth: readonly StackDepth[]): Markup {
  return html`<section class="card" id="depth">
    <h2>Where every layer comes from</h2>
    <p class="muted">
      Weights of the source's layers in every layer of the grown model, a mean over its parameters.
    </p>
    ${depth.map((stack) => stackMap(stack, depth.length > 1))}
  </section>`;
}

function stackMap({ mean, parameters, stack }: StackDepth, isNamed: boolean): Markup {
  const names = (count: number): string[] =>
    Array.from({ length: count }, (_, layer) => String(layer));
  const map = (caption: string, weights: StackDepth["mean"]): Markup =>
    heatMap({
      caption,
      corner: "layer",
      rows: names(weights.length),
      columns: names(weights[0]?.length ?? 0),
      weights,
    });
  const cells = parameters.length * mean.length * (mean[0]?.length ?? 0);
  const isShown = parameters.length > 1 && cells <= MOST_CELLS;
  return html`${isNamed && html`<h3>${stack}</h3>`}${map(`Sources of the layers of ${stack}`, mean)}
  ${
    isShown &&
    html`<details data-keep-open id="parameters-${stack}">
      <summary>Every parameter by itself</summary>
      <div class="grid">
        ${parameters.map(
          ({ name, weights }) =>
            html`<div>
              <h3><code>${name}</code></h3>
              ${map(name, weights)}
            </div>`,
        )}
      </div>
    </details>`
  }`;
}

function widthCard(width: readonly SpaceWidth[], unread: number): Markup {
  return html`<section class="card" id="width">
    <h2>How units are made</h2>
    <p class="muted">
      Norm of every row of the width maps: grey rows copy one unit of the source, blue rows mix
      several. ${unread > 0 && `${unread} more maps are too large to be shown.`}
    </p>
    <div class="grid">${width.map(spacePart)}</div>
  </section>`;
}

function spacePart({
  copies,
  isCopy,
  maps,
  mixtures,
  newUnits,
  norms,
  oldUnits,
  space,
  zeros,
}: SpaceWidth): Markup {
  const share = (count: number): string => {
    const percent = (100 * count) / (maps * newUnits);
    return `${Number(percent.toFixed(percent < 1 ? 1 : 0))} %`;
  };
  const parts = [
    ["copies", copies],
    ["mixtures", mixtures],
    ["zero", zeros],
  ] as const;
  const told = parts.flatMap(([name, count]) => (count === 0 ? [] : [`${share(count)} ${name}`]));
  return html`<div>
    <h3>
      ${space}
      <span class="muted"
        >${formatCount(oldUnits)} → ${formatCount(newUnits)}${maps > 1 && `, ${maps} maps`}</span
      >
    </h3>
    ${strip(
      `Norms of the rows of ${space}`,
      norms.map((value, row) => ({ value, isOld: isCopy[row] === true })),
    )}
    <p class="muted">${told.join(", ")}</p>
  </div>`;
}

import { formatCount, formatFlops, formatShape, formatTable } from "@ligo/report";
import type { PlanReport } from "@ligo/sdk";

/** Orders of products with grown weights W' = B W A^T, in words. */
const ORDERS: Readonly<Record<PlanReport["learning"]["products"][number]["order"], string>> = {
  materialise: "build the weight first",
  "input-first": "narrow the input first",
  "output-last": "widen the output last",
  factored: "narrow the input, widen the output",
  "gather-first": "look rows up before they grow",
};

/** Tensors of a plan, the maps that grow them, and the orders in which a step of learning forms its products. */
export function planDetails(report: PlanReport): string {
  const { learning, operator, source, step, target } = report;
  const tensors = report.tensors.map((tensor) => [
    tensor.name,
    times(tensor.layers, tensor.shape),
    `${times(tensor.sourceLayers, tensor.sourceShape)}${tensor.source === tensor.name ? "" : ` ${tensor.source}`}`,
    [...new Set(tensor.maps.map((map) => map ?? "-"))].join(", ") +
      (tensor.depth === null ? "" : ", depth"),
  ]);
  const ignored = report.ignored.join(", ");
  return [
    formatTable([["tensor", "target", "from", "grown by"], ...tensors]),
    ignored === "" ? "" : `\nnot read (copies, ties, buffers): ${ignored}\n`,
    "\n",
    formatTable([
      ["a step of learning", "order of the product", "GFLOP, and with every weight built first"],
      ...learning.products.map(({ flops, naiveFlops, order, parameter }) => [
        parameter,
        ORDERS[order],
        `${giga(flops)} / ${giga(naiveFlops)}`,
      ]),
      ["attention", "", giga(learning.attentionFlops)],
      ["in all", "", saving(learning)],
    ]),
    "\n",
    formatTable([
      ["operator", `${formatCount(operator.learnableValues)} values to learn (${operator.form})`],
      [
        "a step",
        `${step.batch} x ${step.sequence} tokens: ${formatFlops(target.flops.training)} to train the target, ` +
          `${formatFlops(source.flops.training)} the source`,
      ],
    ]),
  ].join("");
}

/** Billions of operations, to three digits. */
const giga = (flops: number): string => {
  const value = flops / 1e9;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

function saving({ flops, naiveFlops: naive }: PlanReport["learning"]): string {
  return `${giga(flops)} / ${giga(naive)} (${(100 * (1 - flops / naive)).toFixed(0)} % saved)`;
}

function times(layers: number, shape: readonly number[]): string {
  return layers === 1 ? formatShape(shape) : `${layers} x ${formatShape(shape)}`;
}

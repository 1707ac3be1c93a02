import { axisSpaces, spaceOf, stackOf } from "./layout-names.js";
import type { Layout, Parameter } from "./layout.js";

/**
 * Whether a parameter writes the residual stream of its stack: it has an `out` axis over a growing space of scope
 * `model`. Queries, keys, values and inner activations are spaces of scope `layer` and stay within their layer.
 */
export function writesResidual(layout: Layout, parameter: Parameter): boolean {
  if (stackOf(layout, parameter) === undefined) return false;
  return parameter.axes.some(
    (axis) =>
      axis.role === "out" &&
      axisSpaces(axis).some((name) => {
        const { grows, scope } = spaceOf(layout, name);
        return grows && scope === "model";
      }),
  );
}

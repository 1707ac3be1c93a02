import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import type { Layout, Parameter } from "../layout/layout.js";
import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { withNewUnits } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthStart } from "./depth-start.js";
import { fpiChanges } from "./fpi.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { selectUnits } from "../plan/select-units.js";
import { keptPick, randomPick } from "../plan/unit-picks.js";

export const aki: Method<object, "aki"> = defineMethod({
  name: "aki",
  says: "As `fpi`, with new units from the layer above.",
  source: "bert2BERT, Chen et al., 2022",
  options: {},
  learns: false,
  keepsFunction: (plan) => keptUnless([...fpiChanges(plan), ...unitsFromAbove(plan)]),
  operator: (plan, { random }) => akiOperator(plan, random),
});

/** Width: the new units of a layer's spaces are those of another layer. */
function unitsFromAbove(plan: Plan): readonly string[] {
  const deep = new Set(
    Object.entries(plan.source.stacks).flatMap(([name, { layers }]) => (layers > 1 ? [name] : [])),
  );
  const used = new Set(
    plan.target.parameters
      .filter(({ stack = "" }) => deep.has(stack))
      .flatMap(({ axes }) => axes.flatMap(axisSpaces)),
  );
  return withNewUnits(plan)
    .filter(({ name }) => used.has(name))
    .map(
      ({ name, newSize, oldSize }) =>
        `${name}: ${oldSize} becomes ${newSize}, and its new units are those of the layer above, not copies of those that are read with them`,
    );
}

/**
 * Advanced knowledge initialisation of bert2BERT (Chen et al., 2022): as `fpi`, but the new outputs of a layer's matrices
 * are copied from the layer above, of the uppermost layer from itself. Two terms, which differ in what they write:
 *
 * W'_i = [I; 0] W_l A^T + [0; S] W_(l+1) A^T, with l the layer that i copies, A the reading map of `fpi` and [I; S] its
 * writing map.
 *
 * Biases go with their matrices. Norms and parameters outside stacks are those of `fpi`: their two terms add up to [I; S].
 * The function changes on purpose: outputs that differ break the symmetry of copies.
 */
function akiOperator(plan: Plan, random: Random): Operator {
  const pick = randomPick(random);
  const parameters = new Map(plan.target.parameters.map((one) => [one.name, one]));
  const onlyRead = plan.target.parameters.filter((one) => !writes(plan.target, one, "any"));
  return createOperator(
    plan,
    operatorForm("model"),
    {
      separateRead: true,
      terms: 2,
      outsideStacks: new Set(onlyRead.map(({ name }) => name)),
    },
    {
      width(space, { term }) {
        const { old } = selectUnits(space, keptPick);
        const map = functionPreservingWidth(space, random, { pick });
        return keepRows(map, (row) => (old[row]?.length === 0) === (term === 1));
      },
      read: (space) => functionPreservingRead(space, random, { pick }),
      depth(info) {
        const parameter = parameters.get(info.parameter ?? "");
        const matrix =
          info.stack === undefined ? one() : depthStart(plan, "stack-top", info, random);
        if (info.term === 0 || parameter === undefined) return matrix;
        if (!writes(plan.target, parameter, "any")) return keepRows(matrix, () => false);
        return writes(plan.target, parameter, "out") ? layerAbove(matrix) : matrix;
      },
    },
  );
}

const one = (): Matrix => ({ rows: 1, columns: 1, data: Float32Array.of(1) });

/** Whether a parameter has an axis that takes the writing map of a space: an output, or any (a norm's channels too). */
function writes(layout: Layout, { axes, readout }: Parameter, what: "out" | "any"): boolean {
  return axes.some(
    (axis) =>
      (axis.role === "out" || (what === "any" && axis.role === "elem" && readout !== true)) &&
      axisSpaces(axis).some((name) => spaceOf(layout, name).grows),
  );
}

function keepRows(matrix: Matrix, isKept: (row: number) => boolean): Matrix {
  const data = matrix.data.slice();
  for (let row = 0; row < matrix.rows; row++) {
    if (!isKept(row)) data.fill(0, row * matrix.columns, (row + 1) * matrix.columns);
  }
  return { ...matrix, data };
}

/** The depth matrix that copies the next source layer instead, where there is one. */
function layerAbove({ rows, columns, data }: Matrix): Matrix {
  const above = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const to = row * columns + Math.min(column + 1, columns - 1);
      above[to] = (above[to] ?? 0) + (data[row * columns + column] ?? 0);
    }
  }
  return { rows, columns, data: above };
}

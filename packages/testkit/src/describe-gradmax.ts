import {
  createPlan,
  createRandom,
  memorySource,
  type Architecture,
  type Matrix,
  type Operator,
  type Plan,
  type PlannedTensor,
} from "@ligo/core";
import { gradmax, makeOperator, type DataProbe } from "@ligo/core/methods";
import { withNormEpsilon } from "@ligo/core/operator";
import type { Objective } from "@ligo/nn";
import { lossGradients, singularVectors } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { compareGrowth, randomModel, type SmallModel } from "./compare-growth.js";
import type { LosslessFreshCase } from "./describe-lossless-fresh.js";
import { ROUNDING } from "./describe-methods.js";
import {
  engines,
  feedsOf,
  growWeights,
  layOut,
  makeModel,
  runGradients,
  specsOf,
  withoutLabels,
} from "./models.js";

/**
 * Registers vitest tests of `gradmax` at a growth: the function is kept, and the gradient of what new units read by is, in every layer
 * of the source, as long as the singular values say, and longer than that of units that write drawn vectors of the same length.
 */
export function describeGradmax(architecture: Architecture, one: LosslessFreshCase): void {
  describe(`gradmax grows ${String(architecture.modelTypes[0])}`, () => {
    it("and keeps the function where it says so", async () => {
      const { model, operator, plan } = await probed(architecture, one);
      expect(gradmax.keepsFunction(plan, architecture)).toEqual({ kept: true });
      const { differences } = await compareGrowth(architecture, model, one.growth, () => operator);
      expect(differences.get("logits")).toBeLessThan(one.rounding ?? ROUNDING);
    });

    it("to the gradients that the singular values say, which drawn units do not have", async () => {
      const found = await probed(architecture, one);
      const drawn = withDrawnUnits(found.operator);
      const [lengths, drawnLengths] = [
        await gradientLengths(architecture, one, found, found.operator),
        await gradientLengths(architecture, one, found, drawn),
      ];
      expect(lengths.size).toBeGreaterThan(0);
      for (const [name, length] of lengths) {
        // float32 gradients of a larger model, and new channels that hold rounding
        expect(length / (found.lengths.get(name) ?? 0), name).toBeCloseTo(1, 3);
        // vectors for nearly every channel reach all of the gradient, whatever they are
        if (found.crowded.has(name)) continue;
        expect(length, name).toBeGreaterThan(drawnLengths.get(name) ?? Number.POSITIVE_INFINITY);
      }
    });
  });
}

/** A growth by the method. */
interface Probed {
  readonly model: SmallModel;
  readonly plan: Plan;
  readonly operator: Operator;
  /** Lengths of gradients, as the singular values say, by the tensor of the target that reads new units. */
  readonly lengths: ReadonlyMap<string, number>;
  /** Tensors with a vector for more than half of the source's channels. */
  readonly crowded: ReadonlySet<string>;
}

async function probed(
  architecture: Architecture,
  { growth, inputs, small }: LosslessFreshCase,
): Promise<Probed> {
  const model = randomModel(architecture, small, withoutLabels(inputs));
  const plan = createPlan(model.layout, layOut(architecture, { ...small, ...growth }).layout);
  const objective = await objectiveOf(architecture, model);
  const values: ArrayLike<number>[] = [];
  const probe: DataProbe = {
    async gradients({ layout, wanted, weights }) {
      const batch = { batch: specsOf(inputs), batches: [feedsOf(inputs)] };
      const options = { layout, objective, wanted, weights, ...batch };
      return (await lossGradients(engines.onnx(), options)).gradients;
    },
    async singularVectors(matrix) {
      const found = await singularVectors(matrix);
      values.push(found.values);
      return found;
    },
  };
  const read = memorySource(model.weights);
  const operator = await makeOperator(gradmax, plan, read, { random: createRandom(3), probe });
  const measured = await gradmax.measure?.(plan, read, probe);
  const vectors = [...(measured ?? [])].flatMap(([name, matrix]) =>
    name.startsWith("scale.") ? [] : [matrix],
  );
  const given = [...operator.tensors].filter(([name]) => name.startsWith("fresh."));
  const lengths = given.map(([name], index): [string, number] => {
    const { columns, data, rows } = vectors[index] ?? emptyMatrix;
    const vector = Math.hypot(...data.subarray(0, columns));
    return [name, vector * Math.hypot(...Array.from(values[index] ?? []).slice(0, rows))];
  });
  const crowded = given.flatMap(([name], index) => {
    const { columns, rows } = vectors[index] ?? emptyMatrix;
    return 2 * rows > columns ? [name] : [];
  });
  return { model, plan, operator, lengths: new Map(lengths), crowded: new Set(crowded) };
}

const emptyMatrix: Matrix = { rows: 0, columns: 0, data: new Float32Array(0) };

async function objectiveOf(
  architecture: Architecture,
  model: Parameters<typeof makeModel>[1],
): Promise<Objective> {
  const [objective] = Object.values((await makeModel(architecture, model)).objectives);
  if (objective === undefined) throw new RangeError(`${model.layout.className} has no objective.`);
  return objective;
}

/** The same operator, whose new units write drawn vectors, all of the length that they had. */
function withDrawnUnits(operator: Operator): Operator {
  const tensors = [...operator.tensors].map(([name, matrix]): [string, Matrix] => {
    if (!name.startsWith("fresh.")) return [name, matrix];
    const random = createRandom(8).fork(name);
    const { columns, rows } = matrix;
    const data = matrix.data.map(() => random.normal());
    for (let row = 0; row < rows; row++) {
      const place = data.subarray(row * columns, (row + 1) * columns);
      const length = Math.hypot(...matrix.data.subarray(row * columns, (row + 1) * columns));
      const factor = length / Math.hypot(...place);
      place.set(place.map((value) => factor * value));
    }
    return [name, { rows, columns, data }];
  });
  return { ...operator, tensors: new Map(tensors) };
}

/** The lengths of the gradients of what given units read by, on the grown model. */
async function gradientLengths(
  architecture: Architecture,
  { growth, inputs, small }: LosslessFreshCase,
  { model, plan }: Probed,
  operator: Operator,
): Promise<ReadonlyMap<string, number>> {
  const raw = withNormEpsilon(architecture, { ...small, ...growth }, model.config, operator);
  const large = layOut(architecture, raw);
  const weights = await growWeights(plan, operator, model.weights);
  const objective = await objectiveOf(architecture, large);
  const { gradients } = await runGradients(
    engines.onnx(),
    objective,
    large.layout,
    weights,
    inputs,
  );
  return new Map(
    plan.tensors.flatMap((reader): [string, number][] => {
      const given = operator.tensors.get(`fresh.${reader.name}`);
      const writer = given && writerOf(plan, reader);
      if (given === undefined || writer === undefined) return [];
      const gradient = gradients.get(writer.name) ?? new Float32Array(0);
      return [[`fresh.${reader.name}`, lengthOf(gradient, writer, given.rows)]];
    }),
  );
}

/** The matrix of the same layer that writes what another one reads. */
function writerOf({ tensors }: Plan, reader: PlannedTensor): PlannedTensor | undefined {
  const space = reader.parameter.axes.find(({ role }) => role === "in")?.space;
  return tensors.find(
    ({ layer, parameter: { axes } }) =>
      layer === reader.layer &&
      axes.length === 2 &&
      axes.some((axis) => axis.role === "out" && axis.space === space),
  );
}

/** The length of the rows or columns of a matrix that are the first new units. */
function lengthOf(
  data: Float32Array,
  { parameter, shape, sourceShape }: PlannedTensor,
  count: number,
): number {
  const axis = parameter.axes.findIndex(({ role }) => role === "out");
  const first = sourceShape[axis] ?? 0;
  const columns = shape[1] ?? 1;
  const isNew = (_: number, index: number): boolean => {
    const unit = axis === 0 ? Math.floor(index / columns) : index % columns;
    return unit >= first && unit < first + count;
  };
  return Math.hypot(...data.filter(isNew));
}

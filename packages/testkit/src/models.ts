import {
  applyOperator,
  checkConfig,
  memorySource,
  type Layout,
  type Operator,
  type Plan,
  type ReadSource,
  type RawConfig,
  type Architecture,
} from "@ligo/core";
import { expandLayout, isOwned, readResolved, resolveTensors } from "@ligo/core/layout";
import {
  createOnnxEngine,
  createReferenceEngine,
  type Engine,
  type TensorSpecs,
} from "@ligo/engine";
import {
  createModel,
  tensorParameters,
  withDropout,
  type DropoutMasks,
  type Model,
  type Objective,
} from "@ligo/nn";
import { gradientProgram, learnableSpecs, type Weights } from "@ligo/train";
import type {
  ArchitectureFixtures,
  FixtureTensor,
  FixtureTensors,
  HeaderCase,
  RecordedCheckpoint,
} from "./fixtures.js";

/** A config the architecture has read, and the layout it gives. */
export interface LaidOut {
  /** As it stands in `config.json`. */
  readonly raw: RawConfig;
  /** As the architecture reads it. */
  readonly config: RawConfig;
  readonly layout: Layout;
}

/** Reads a config and lays it out. Throws what the schema and the layout throw. */
export function layOut(
  architecture: Architecture,
  raw: RawConfig,
  className: string = classOf(architecture, raw),
): LaidOut {
  const config = checkConfig(architecture, raw);
  return { raw, config, layout: architecture.layout(config, className) };
}

/** The class a config names, else the architecture's first. */
function classOf(architecture: Architecture, raw: RawConfig): string {
  const { architectures } = raw;
  const named: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof named === "string" ? named : (architecture.architectures[0] ?? "");
}

/** The config a recorded header belongs to. */
export function headerConfig(
  architecture: Architecture,
  { headers }: ArchitectureFixtures,
  { tied, config, class: className }: Pick<HeaderCase, "tied" | "config" | "class">,
): RawConfig {
  return {
    model_type: architecture.modelTypes[0],
    ...headers.sizes,
    ...(tied === undefined ? {} : { tie_word_embeddings: tied }),
    ...config,
    architectures: [className],
  };
}

/** Name of a header case in a problem. */
export function headerName({ version, class: className, tied, config }: HeaderCase): string {
  const ties = tied === undefined ? "" : tied ? ", tied" : ", untied";
  const keys = config === undefined ? "" : `, ${JSON.stringify(config)}`;
  return `${className}${ties}${keys} (version ${version})`;
}

/** The newest recorded version. */
export function newestVersion({ headers }: ArchitectureFixtures): string {
  const parts = (version: string): number[] => version.split(".").map(Number);
  return (
    [...new Set(headers.cases.map(({ version }) => version))]
      .toSorted((a, b) => {
        const [left, right] = [parts(a), parts(b)];
        const at = left.findIndex((part, index) => part !== right[index]);
        return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
      })
      .at(-1) ?? ""
  );
}

/** The weights of stored tensors by canonical name. Throws `LayoutError`. */
export async function readWeights(layout: Layout, stored: FixtureTensors): Promise<Weights> {
  const resolved = resolveTensors(layout, stored);
  const read = (name: string): Promise<Float32Array> =>
    Promise.resolve(Float32Array.from(stored.get(name)?.data ?? []));
  const weights = new Map<string, Float32Array>();
  for (const name of resolved.tensors.keys()) {
    weights.set(name, await readResolved(resolved, name, read));
  }
  return weights;
}

/** A recorded checkpoint as the architecture reads it. */
export interface RecordedModel extends LaidOut {
  readonly recorded: RecordedCheckpoint;
  readonly weights: Weights;
  /** Its inputs without labels. */
  readonly inputs: FixtureTensors;
}

/** Reads a recorded checkpoint. Throws what schema, layout and name resolution throw. */
export async function readRecorded(
  architecture: Architecture,
  recorded: RecordedCheckpoint,
): Promise<RecordedModel> {
  const laidOut = layOut(architecture, recorded.config);
  const weights = await readWeights(laidOut.layout, recorded.tensors);
  return { ...laidOut, recorded, weights, inputs: withoutLabels(recorded.inputs) };
}

/** Inputs of a forward pass: a batch without what only a loss reads. */
export function withoutLabels(inputs: FixtureTensors): FixtureTensors {
  return new Map([...inputs].filter(([name]) => !name.startsWith("label")));
}

/** The engines checks run on. */
export const engines: Readonly<Record<"onnx" | "reference", () => Engine>> = {
  onnx: createOnnxEngine,
  reference: createReferenceEngine,
};

export function specsOf(inputs: FixtureTensors): TensorSpecs {
  return Object.fromEntries(
    [...inputs].map(([name, { shape, data }]) => [
      name,
      { shape, dtype: data instanceof Int32Array ? ("int32" as const) : ("float32" as const) },
    ]),
  );
}

export function feedsOf(inputs: FixtureTensors): Readonly<Record<string, FixtureTensor["data"]>> {
  return Object.fromEntries([...inputs].map(([name, { data }]) => [name, data]));
}

/** The model of a config, for the class of its layout. */
export function makeModel(
  architecture: Architecture,
  { config, layout }: Pick<LaidOut, "config" | "layout">,
): Promise<Model> {
  return createModel(architecture, config, layout.className);
}

/** All outputs of a model. */
export async function runForward(
  engine: Engine,
  model: Model,
  layout: Layout,
  weights: Weights,
  inputs: FixtureTensors,
): Promise<FixtureTensors> {
  const shapes = new Map<string, readonly number[]>();
  const compiled = await engine.compile(
    {
      state: {},
      frozen: learnableSpecs(layout),
      inputs: specsOf(inputs),
      build({ frozen, inputs: batch }) {
        const outputs = model.forward(tensorParameters(frozen), batch);
        for (const [name, { shape }] of Object.entries(outputs)) shapes.set(name, shape);
        if (shapes.size === 0) {
          throw new RangeError(`The forward pass of ${layout.className} gives no outputs.`);
        }
        return { outputs };
      },
    },
    { state: {}, frozen: Object.fromEntries(weights) },
  );
  try {
    const outputs = await compiled.run(feedsOf(inputs));
    return new Map(
      Object.entries(outputs).map(([name, data]) => [
        name,
        { shape: shapes.get(name) ?? [data.length], data },
      ]),
    );
  } finally {
    await compiled.dispose();
  }
}

/** Loss of a batch and its gradient by canonical name; in training mode with `dropout`. */
export async function runGradients(
  engine: Engine,
  objective: Objective,
  layout: Layout,
  weights: Weights,
  inputs: FixtureTensors,
  dropout?: DropoutMasks,
): Promise<{ readonly loss: number; readonly gradients: Weights }> {
  const compiled = await engine.compile(
    gradientProgram({
      learnable: learnableSpecs(layout),
      frozen: {},
      batch: specsOf(inputs),
      loss: (tensors, _frozen, batch) =>
        objective.loss(withDropout(tensorParameters(tensors), dropout), batch),
    }),
    {
      state: {},
      frozen: Object.fromEntries([...weights].map(([name, data]) => [`learnable/${name}`, data])),
    },
  );
  try {
    const outputs = await compiled.run(feedsOf(inputs));
    const gradients = new Map(
      [...weights.keys()].map((name) => [
        name,
        Float32Array.from(outputs[`gradient/${name}`] ?? []),
      ]),
    );
    return { loss: outputs["loss"]?.[0] ?? Number.NaN, gradients };
  } finally {
    await compiled.dispose();
  }
}

/** The objective a recorded loss belongs to. */
export function objectiveOf(model: Model, recorded: RecordedCheckpoint): Objective | undefined {
  return recorded.objective === undefined
    ? Object.values(model.objectives)[0]
    : model.objectives[recorded.objective];
}

/** The grown weights of a plan. */
export async function growWeights(
  plan: Plan,
  operator: Operator,
  source: Weights | ReadSource,
): Promise<Weights> {
  const grown = new Map<string, Float32Array>();
  const read = typeof source === "function" ? source : memorySource(source);
  for await (const { tensor, data } of applyOperator(plan, operator, read)) {
    grown.set(tensor.name, data);
  }
  return grown;
}

/** Names of all tensors that have numbers of their own. */
export function ownedNames(layout: Layout): readonly string[] {
  return expandLayout(layout)
    .filter(({ parameter }) => isOwned(parameter))
    .map(({ name }) => name);
}

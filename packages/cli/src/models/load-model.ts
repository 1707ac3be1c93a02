import type { TensorSpecs } from "@ligo/engine";
import type { Model, ModelFactory, Objective } from "@ligo/nn";
import type { ModelSpec } from "./model-spec.js";
import { UsageError } from "../usage-error.js";

/** The forward pass of a model. Loads the architecture's tensor code. */
export async function loadModel(spec: ModelSpec): Promise<Model> {
  // The specification version, checked when the architecture was found, says that its model is such a factory.
  const create = (await spec.architecture.model()) as ModelFactory;
  return create(spec.config, spec.className);
}

const OBJECTIVE = "masked-lm";

/** The masked language modelling objective of a model, where its class has one. */
export async function findObjective(spec: ModelSpec): Promise<Objective | undefined> {
  return (await loadModel(spec)).objectives[OBJECTIVE];
}

/** As {@link findObjective}. Throws `cli/no-objective`. */
export async function loadObjective(spec: ModelSpec): Promise<Objective> {
  const objective = await findObjective(spec);
  if (objective !== undefined) return objective;
  throw new UsageError(
    "cli/no-objective",
    `${spec.file}: ${spec.className} has no head for masked language modelling, so it cannot learn from text. ` +
      "Use a checkpoint that has one, such as a ...ForMaskedLM.",
    {
      file: spec.file,
      expected: `a class with the objective ${OBJECTIVE}`,
      actual: spec.className,
    },
  );
}

/** Shapes of the batches an objective takes. */
export function batchSpecs(
  objective: Objective,
  sizes: { readonly batch: number; readonly sequence: number; readonly positions: number },
): TensorSpecs {
  const { batch, sequence, positions } = sizes;
  const shapes: Readonly<Record<string, readonly number[]>> = {
    input_ids: [batch, sequence],
    labels: [batch, sequence],
    label_positions: [positions],
    label_ids: [positions],
  };
  return Object.fromEntries(
    objective.inputs.map((name) => {
      const shape = shapes[name];
      if (shape === undefined) throw new RangeError(`No batch holds the input ${name}.`);
      return [name, { shape, dtype: "int32" as const }];
    }),
  );
}

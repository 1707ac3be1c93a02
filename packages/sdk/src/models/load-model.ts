import type { Model, Objective } from "@ligo/nn";
import type { ModelSpec } from "./model-spec.js";
import { UsageError } from "../usage-error.js";

/** The forward pass of a model. Loads the architecture's tensor code. */
export async function loadModel(spec: ModelSpec): Promise<Model> {
  const { createModel } = await import("@ligo/nn");
  return createModel(spec.architecture, spec.config, spec.className);
}

/** An objective of a model by its name. Throws `sdk/no-objective` where its class does not have it. */
export async function loadObjective(spec: ModelSpec, name: string): Promise<Objective> {
  const { objectives } = await loadModel(spec);
  const objective = objectives[name];
  if (objective !== undefined) return objective;
  const has = Object.keys(objectives).join(", ") || "none";
  throw new UsageError(
    "sdk/no-objective",
    `${spec.file}: ${spec.className} has no head for the objective ${name}. It has: ${has}.`,
    { file: spec.file, expected: name, actual: has },
  );
}

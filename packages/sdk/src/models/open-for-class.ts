import {
  axisSpaces,
  expandLayout,
  isOwned,
  readResolved,
  resolveTensors,
  type LayoutTensor,
} from "@ligo/core/layout";
import type { ModelSpec } from "./model-spec.js";
import type { OpenedModel } from "./open-model.js";

/** The weights a checkpoint has for a model of another class, or with other labels. */
export interface WeightsForClass {
  /** Canonical names of what the checkpoint lacks: it starts at random. */
  readonly fresh: readonly string[];
  /** Stored names of what the checkpoint has and the model has no use for. */
  readonly unused: readonly string[];
  readAll(
    options: { readonly seed: number; readonly deviation: number },
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Float32Array>>;
}

/**
 * Finds the weights of `target` in a checkpoint of the same architecture and another class. What both classes have must be
 * there; of the rest what is there is taken. Throws `LayoutError`s.
 */
export function weightsForClass(model: OpenedModel, target: ModelSpec): WeightsForClass {
  const held = new Set(
    expandLayout(model.spec.layout)
      .filter(({ parameter }) => isOwned(parameter))
      .map(({ name }) => name),
  );
  const { checkpoint } = model;
  const resolved = resolveTensors(
    target.layout,
    checkpoint.headers,
    (tensor) => !held.has(tensor.name) || isOfLabels(tensor),
  );
  const used = new Set(resolved.tensors.values());
  const ignored = new Set(model.ignored);
  return {
    fresh: resolved.absent,
    unused: [...checkpoint.headers.keys()].filter((name) => !used.has(name) && !ignored.has(name)),
    async readAll(options, signal) {
      const { initialWeights } = await import("@ligo/train");
      const all = new Map(initialWeights(target.layout, { ...options, only: resolved.absent }));
      for (const name of resolved.tensors.keys()) {
        signal?.throwIfAborted();
        const read = readResolved(resolved, name, (stored, into, start) =>
          checkpoint.read(stored, into, start),
        );
        all.set(name, await read);
      }
      return all;
    },
  };
}

/** Whether a tensor has an axis of labels, whose number may be another. */
function isOfLabels({ parameter }: LayoutTensor): boolean {
  return parameter.axes.some((axis) => axisSpaces(axis).includes("label"));
}

/** The modules that parameters belong to, for people: `bert.pooler.dense`, `classifier`. */
export function modulesOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.replace(/\.[^.]+$/, "")))];
}

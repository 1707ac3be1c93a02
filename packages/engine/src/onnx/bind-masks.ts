import * as ort from "./onnxruntime.js";
import type { Numbers, Program } from "../program.js";
import { maskStep, memoryOf, type MaskSite } from "../random/masks.js";
import { maskKey, type TracedProgram } from "../trace/trace.js";
import type { OnnxModel } from "./model.js";

/** The random masks of a model: tensors in memory that is filled anew before each step. */
export interface BoundMasks {
  /** By the name of their input; the same memory in every step. */
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
  /** Draws the masks of a step. */
  fill(stepInputs: Readonly<Record<string, Numbers>>): void;
}

/** A site that the model reads, and the memory that is filled before a step. */
interface BoundMask {
  readonly site: MaskSite;
  readonly index: number;
  readonly memory: readonly (Uint8Array | Int32Array)[];
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
}

/** Binds the sites of a program that the model reads. */
export function bindMasks(
  program: Program,
  traced: Pick<TracedProgram, "masks">,
  model: Pick<OnnxModel, "inputs">,
): BoundMasks {
  const masks = boundSites(traced, model);
  return {
    feeds: Object.assign({}, ...masks.map(({ feeds }) => feeds)) as Record<string, ort.Tensor>,
    fill(stepInputs) {
      for (const { site, index, memory } of masks) {
        const seed = program.seed as number;
        site.fill(memory, { seed, step: maskStep(stepInputs), site: index });
      }
    },
  };
}

function boundSites(
  traced: Pick<TracedProgram, "masks">,
  model: Pick<OnnxModel, "inputs">,
): readonly BoundMask[] {
  return traced.masks.flatMap((site, index) => {
    const keys = site.tensors.map((_, part) => maskKey(index, part));
    if (!keys.some((key) => model.inputs.includes(key))) return [];
    const memory = memoryOf(site);
    const feeds: Record<string, ort.Tensor> = {};
    for (const [part, { shape, dtype }] of site.tensors.entries()) {
      const key = keys[part] as string;
      const data = memory[part] as Uint8Array | Int32Array;
      if (model.inputs.includes(key)) feeds[key] = new ort.Tensor(dtype, data, shape);
    }
    return [{ site, index, memory, feeds }];
  });
}

import { EngineError } from "../engine-error.js";
import type { Masks, Numbers, PartitionOptions, Program } from "../program.js";
import { sizeOf } from "../trace/graph.js";
import * as tf from "@ligo/tfjs";
import { fillKeepMask, type MaskPosition } from "./keep-mask.js";
import { fillPartition } from "./partition.js";

/** A tensor that is filled with random numbers before a step. */
export interface DrawnTensor {
  readonly shape: readonly number[];
  readonly dtype: "bool" | "int32";
}

/** One place where a program draws: a mask, or the two halves of a partition. */
export interface MaskSite {
  readonly tensors: readonly DrawnTensor[];
  fill(into: readonly (Uint8Array | Int32Array)[], position: MaskPosition): void;
}

/** Memory for what is drawn at a site. */
export function memoryOf({ tensors }: MaskSite): readonly (Uint8Array | Int32Array)[] {
  return tensors.map(({ shape, dtype }) =>
    dtype === "bool" ? new Uint8Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)),
  );
}

const maskSite = (shape: readonly number[], rate: number): MaskSite => ({
  tensors: [{ shape: [...shape], dtype: "bool" }],
  fill: ([mask], position) => fillKeepMask(mask as Uint8Array, rate, position),
});

const partitionSite = (options: PartitionOptions): MaskSite => {
  const rows: DrawnTensor = { shape: [options.groups * options.size], dtype: "int32" };
  return {
    tensors: [rows, rows],
    fill: ([order, place], position) =>
      fillPartition(order as Int32Array, place as Int32Array, options, position),
  };
};

/** Calls `draw` with the number of each mask. Throws `engine/no-seed`, `engine/mask-rate` and `engine/partition`. */
export function numberedMasks(
  program: Pick<Program, "seed" | "inputs">,
  draw: (site: MaskSite, index: number) => readonly tf.Tensor[],
): Masks {
  let count = 0;
  const checkSeed = (): void => {
    if (program.seed !== undefined && program.inputs["seed"]?.dtype === "int32") return;
    throw new EngineError(
      "engine/no-seed",
      "A step that draws masks needs a seed of its program and an int32 input named seed.",
    );
  };
  return {
    keep(shape, rate) {
      checkSeed();
      if (!(rate > 0 && rate < 1)) {
        throw new EngineError("engine/mask-rate", `A mask cannot drop with probability ${rate}.`, {
          expected: "more than 0 and less than 1",
          actual: String(rate),
        });
      }
      return draw(maskSite(shape, rate), count++)[0] as tf.Tensor;
    },
    partition(options) {
      checkSeed();
      const { kept, size, whole = 0 } = options;
      if (!(Number.isInteger(kept) && kept >= Math.max(1, whole) && kept <= size)) {
        throw new EngineError(
          "engine/partition",
          `A partition cannot keep ${kept} of ${size} rows.`,
          {
            expected: `a whole number from ${Math.max(1, whole)} to ${size}`,
            actual: String(kept),
          },
        );
      }
      const [order, place] = draw(partitionSite(options), count++) as [tf.Tensor1D, tf.Tensor1D];
      return { order, place };
    },
  };
}

/** The step number that a run was given. */
export function maskStep(inputs: Readonly<Record<string, Numbers>>): number {
  return (inputs["seed"] as Numbers)[0] as number;
}

/** The masks of one run of a program, made when they are asked for: for engines that run programs eagerly. */
export function eagerMasks(program: Program, inputs: Readonly<Record<string, Numbers>>): Masks {
  return numberedMasks(program, (site, index) => {
    const memory = memoryOf(site);
    site.fill(memory, { seed: program.seed as number, step: maskStep(inputs), site: index });
    return site.tensors.map(({ shape, dtype }, part) =>
      tf.tensor(memory[part] as Uint8Array | Int32Array, [...shape], dtype),
    );
  });
}

import { EngineError } from "../engine-error.js";
import type { Masks, Numbers, Program } from "../program.js";
import { sizeOf } from "../trace/graph.js";
import * as tf from "@tensorflow/tfjs";
import { fillKeepMask } from "./keep-mask.js";

/** One mask that a program draws. */
export interface MaskSite {
  readonly shape: readonly number[];
  readonly rate: number;
}

/** Calls `draw` with the number of each mask. Throws `engine/no-seed` and `engine/mask-rate`. */
export function numberedMasks(
  program: Pick<Program, "seed" | "inputs">,
  draw: (site: MaskSite, index: number) => tf.Tensor,
): Masks {
  let count = 0;
  return {
    keep(shape, rate) {
      if (program.seed === undefined || program.inputs["seed"]?.dtype !== "int32") {
        throw new EngineError(
          "engine/no-seed",
          "A step that draws masks needs a seed of its program and an int32 input named seed.",
        );
      }
      if (!(rate > 0 && rate < 1)) {
        throw new EngineError("engine/mask-rate", `A mask cannot drop with probability ${rate}.`, {
          expected: "more than 0 and less than 1",
          actual: String(rate),
        });
      }
      return draw({ shape: [...shape], rate }, count++);
    },
  };
}

/** The step number that a run was given. */
export function maskStep(inputs: Readonly<Record<string, Numbers>>): number {
  return (inputs["seed"] as Numbers)[0] as number;
}

/** The masks of one run of a program, made when they are asked for: for engines that run programs eagerly. */
export function eagerMasks(program: Program, inputs: Readonly<Record<string, Numbers>>): Masks {
  return numberedMasks(program, ({ shape, rate }, site) => {
    const mask = new Uint8Array(sizeOf(shape));
    fillKeepMask(mask, rate, { seed: program.seed as number, step: maskStep(inputs), site });
    return tf.tensor(mask, [...shape], "bool");
  });
}

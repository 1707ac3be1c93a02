import type { WidthScope } from "../operator/operator.js";
import type { StandardSchemaV1 } from "../standard-schema.js";
import * as z from "../zod.js";
import type { DepthInitialName } from "./initials/depth.js";
import type { WidthInitialName } from "./initials/width.js";

/** Schema of an option: its range, its default, and (as zod's metadata) a sentence that says what it is. */
export type MethodOption<Value> = StandardSchemaV1<Value | undefined, Value>;

/** Starts of depth: those of the published code, and added layers that add nothing yet. */
export type InitialDepth = DepthInitialName | "zero-block";
/** Starts of width: those of the published code, and copies that keep the function. */
export type InitialWidth = WidthInitialName | "function-preserving";

export const form: MethodOption<WidthScope> = z
  .enum(["target-layer", "source-layer", "model"])
  .default("target-layer")
  .meta({
    says: "Width maps per target layer (the published code), per source layer (the paper's equations), or one per space.",
  });

export const initialDepth: MethodOption<InitialDepth> = z
  .enum([
    "stackbert",
    "stackbert_noisy",
    "interlace",
    "interlace_noisy",
    "rand",
    "rand_softmax",
    "zero-block",
  ])
  .default("stackbert_noisy")
  .meta({ says: "Start of the depth weights." });

export const initialWidth: MethodOption<InitialWidth> = z
  .enum(["rand", "rand_softmax", "sel", "sel_noisy", "function-preserving"])
  .default("rand")
  .meta({ says: "Start of the width maps." });

export const perturbation: MethodOption<number | undefined> = z.number().min(0).optional().meta({
  says: "Standard deviation of numbers added, after learning, to the weights of new units; the target's initializer_range where it is not given.",
});

export const rank: MethodOption<number> = z
  .int()
  .min(1)
  .max(99)
  .default(1)
  .meta({ says: "Terms of the operator." });

export const deviation: MethodOption<number | undefined> = z.number().positive().optional().meta({
  says: "Standard deviation of weights that start from scratch; the target's initializer_range where it is not given.",
});

export const ownDeviation: MethodOption<boolean | undefined> = z.boolean().optional().meta({
  says: "Whether deviations are in units of the source's own, tensor by tensor: then `deviation` is 1 where it is not given.",
});

export const readPower: MethodOption<number | undefined> = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .meta({
    says: "Power p of the factor (d / d')^p on weights that read a space which grows from d to d'; 0 where it is not given.",
  });

export const noise: MethodOption<number | undefined> = z.number().min(0).optional().meta({
  says: "Noise on what new units hold, which breaks the symmetry between them: its deviation, in units of each tensor's own; 0 where it is not given.",
});

export const unitLength: MethodOption<number | undefined> = z.number().positive().optional().meta({
  says: "Length of what a new unit writes, in units of the mean length of what old ones write; 1 where it is not given.",
});

export const redrawn: MethodOption<number | undefined> = z.number().min(0).max(1).optional().meta({
  says: "Share of new units that are drawn anew, at each tensor's own deviation, in place of being copied; 0 where it is not given.",
});

/** The making of new units: copies of old ones, or numbers drawn anew. */
export type NewUnits = "copies" | "fresh";

export const newUnits: MethodOption<NewUnits | undefined> = z
  .enum(["copies", "fresh"])
  .optional()
  .meta({
    says: "Whether new units copy old ones or start from scratch; copies where it is not given.",
  });

/** Factor that weights are shrunk by, unless told. */
export const SHRINK = 0.4;

export const shrink: MethodOption<number | undefined> = z
  .number()
  .positive()
  .max(1)
  .optional()
  .meta({
    says: `Factor of the source's weights before numbers are added to them; ${SHRINK} where it is not given.`,
  });

/** Layers of a block that is repeated, unless told. */
export const BLOCK_LAYERS = 4;

export const blockLayers: MethodOption<number | undefined> = z
  .int()
  .min(1)
  .optional()
  .meta({
    says: `Layers of the block in the middle that is repeated until there are enough; ${BLOCK_LAYERS} where it is not given.`,
  });

import * as z from "@ligo/core/zod";
import { LEARNING_FORMAT, LEARNING_FORMAT_VERSION } from "./learning-document.js";

const count = z.int().min(0);
const segment = z.strictObject({
  map: z
    .union([z.string(), z.array(z.string()), z.null()])
    .meta({ description: "Tensor of the operator; one a source layer; null: the identity." }),
  old_size: count,
  new_size: count,
  spread: z.optional(
    z.strictObject({
      weights: z.array(z.array(z.number())).meta({ description: "[new heads, old heads]" }),
      old_owners: count,
      new_owners: count,
    }),
  ),
});
const order = z.strictObject({ blocks: count, sizes: z.array(count) });

/** The schema of `learning.json`. */
export const learningSchema: z.ZodObject = z.strictObject({
  format: z.literal(LEARNING_FORMAT),
  format_version: z.literal(LEARNING_FORMAT_VERSION),
  versions: z.record(z.string(), z.string()),
  architecture: z.string(),
  source: z.looseObject({}).meta({ description: "Path and hashes of the checkpoint that grows." }),
  target: z.strictObject({
    class: z.string().meta({ description: "Class of transformers." }),
    file: z.string(),
    config_sha256: z.string(),
  }),
  spaces: z.array(
    z.strictObject({
      name: z.string(),
      from: count,
      to: count,
      scope: z.enum(["model", "layer"]),
      grows: z.boolean(),
      factors: z.optional(z.array(z.strictObject({ name: z.string(), size: count }))),
    }),
  ),
  ties: z.record(z.string(), z.string()).meta({ description: "Tensors that are another one." }),
  operator: z.strictObject({
    file: z.string(),
    method: z.string(),
    order: z.enum(["depth-then-width", "width-then-depth"]),
    width_scope: z.string(),
    terms: count,
    tensors: z.record(
      z.string(),
      z.strictObject({
        rows: count,
        columns: count,
        frozen_rows: count.meta({ description: "Rows at the top that are not learned." }),
        mixes: z.boolean().meta({ description: "Whether it mixes layers; else it is a map." }),
        rate: z.number().meta({ description: "Factor on the learning rate." }),
      }),
    ),
  }),
  fresh: z
    .union([z.string(), z.null()])
    .meta({ description: "File of what is added to the grown tensors of its names." }),
  tensors: z
    .array(
      z.strictObject({
        name: z.string(),
        parameter: z.string(),
        shape: z.array(count),
        source_shape: z.array(count),
        sources: z.array(z.string()),
        terms: z.array(
          z.strictObject({
            depth: z.union([z.strictObject({ tensor: z.string(), row: count }), z.null()]),
            kinds: z.null(),
            axes: z.array(z.union([z.array(segment), z.null()])),
          }),
        ),
        offset: z.number(),
        factor: z.number(),
        interleaved: z.union([z.strictObject({ source: order, target: order }), z.null()]),
      }),
    )
    .meta({
      description:
        "P' + offset = factor * sum over terms and source layers j of depth[row, j] * (maps x (P_j + offset)).",
    }),
  learning: z.strictObject({
    objective: z.string(),
    unit: z.enum(["tokens", "images"]),
    batch: count,
    accumulate: count,
    sequence: count,
    steps: count,
    seed: z.int(),
    optimizer: z.strictObject({
      name: z.literal("adamw"),
      beta1: z.number(),
      beta2: z.number(),
      epsilon: z.number(),
      weight_decay: z.number(),
      clip_norm: z.number(),
    }),
    learning_rates: z.array(z.number()),
  }),
  tokens: z.union([
    z.null(),
    z.strictObject({
      file: z.union([z.string(), z.null()]),
      sha256: z.string(),
      count,
      sequence: count,
      frame: z.union([z.null(), z.array(count).length(2)]),
      held_out: count,
      seed: z.int(),
      masking: z.union([
        z.null(),
        z.strictObject({
          token: count,
          special: z.array(count),
          vocabulary: count,
          fraction: z.number(),
        }),
      ]),
    }),
  ]),
  dumped: z.array(z.string()).meta({ description: "Files of steps, to hold others against." }),
});

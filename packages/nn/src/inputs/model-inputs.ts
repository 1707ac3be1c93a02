import { IGNORED_LABEL } from "../losses/cross-entropy.js";

/** An axis of an input: its size, `batch` (any size), or a sequence of up to so many positions. */
export type InputAxis = number | "batch" | { readonly sequence: number };

/** Shape and range of one input of a model. */
export interface ModelInput {
  readonly dtype: "int32" | "float32";
  readonly axes: readonly InputAxis[];
  /** Whether a forward pass needs it. */
  readonly required: boolean;
  /** Bound of int32 values: they go from 0 to below it. */
  readonly limit?: number;
  /** One more int32 value: that of positions that do not count. */
  readonly ignored?: number;
}

/** Inputs by Hugging Face name. */
export type ModelInputs = Readonly<Record<string, ModelInput>>;

export interface TokenInputSizes {
  readonly vocabulary: number;
  /** Longest sequence. */
  readonly positions: number;
  /** Token types, where the model has some. */
  readonly types?: number;
}

/** Inputs of a model of token sequences: `input_ids`, `attention_mask` and `token_type_ids` [batch, sequence]. */
export function tokenInputs({ vocabulary, positions, types }: TokenInputSizes): ModelInputs {
  const input = (limit: number, required: boolean): ModelInput => ({
    dtype: "int32",
    axes: ["batch", { sequence: positions }],
    required,
    limit,
  });
  return {
    input_ids: input(vocabulary, true),
    attention_mask: input(2, false),
    ...(types === undefined ? {} : { token_type_ids: input(types, false) }),
  };
}

export interface PixelInputSizes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The input of a model of images: `pixel_values` [batch, channels, height, width]. */
export function pixelInputs({ channels, height, width }: PixelInputSizes): ModelInputs {
  const axes: readonly InputAxis[] = ["batch", channels, height, width];
  return { pixel_values: { dtype: "float32", axes, required: true } };
}

/** `labels` [batch, sequence]: a token for every position, -100 where none counts. */
export function tokenLabels({ vocabulary, positions }: TokenInputSizes): ModelInputs {
  const axes: readonly InputAxis[] = ["batch", { sequence: positions }];
  return {
    labels: { dtype: "int32", axes, required: false, limit: vocabulary, ignored: IGNORED_LABEL },
  };
}

/** `labels` [batch]: a class for every sequence or image. */
export function classLabels(classes: number): ModelInputs {
  return { labels: { dtype: "int32", axes: ["batch"], required: false, limit: classes } };
}

/** `labels` [batch]: a number for every sequence; `label_mask` [batch]: 1 for those that count. */
export function numberLabels(): ModelInputs {
  return {
    labels: { dtype: "float32", axes: ["batch"], required: false },
    label_mask: { dtype: "int32", axes: ["batch"], required: false, limit: 2 },
  };
}

/** `bool_masked_pos` [batch, patches]: 1 for patches that a masked image model must not see. */
export function maskedPatches(patches: number): ModelInputs {
  const axes: readonly InputAxis[] = ["batch", patches];
  return { bool_masked_pos: { dtype: "int32", axes, required: false, limit: 2 } };
}

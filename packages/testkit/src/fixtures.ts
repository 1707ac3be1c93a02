import type { RawConfig } from "@ligo/core";
import type { Numbers } from "@ligo/engine";

/** A tensor with its numbers, row-major. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** The tensors of a file by stored name. */
export type FixtureTensors = ReadonlyMap<string, FixtureTensor>;

/**
 * Results of the original in training mode, with masks that stand in for random ones: the file that
 * `tooling/fixtures/record-dropout.py` writes and describes.
 */
export interface RecordedDropout {
  /** Keys that differ from the checkpoint's config: the rates. */
  readonly config: RawConfig;
  /** Number of elements and rate of every mask, in the order they are drawn. */
  readonly masks: readonly (readonly [elements: number, rate: number])[];
  readonly loss: number;
  /** Norms of gradients by the original implementation's parameter names. */
  readonly gradients: Readonly<Record<string, number>>;
}

/**
 * A small model of the original implementation with what that computes for given inputs; see
 * {@link readRecordedCheckpoint}. The class is the first of `config.architectures`.
 */
export interface RecordedCheckpoint {
  /** For messages. */
  readonly name: string;
  /** `config.json` as it was written. */
  readonly config: RawConfig;
  /** Weights by the names they were saved under. */
  readonly tensors: FixtureTensors;
  /** The bytes of `model.safetensors`, where the fixture was read from files. */
  readonly file?: Uint8Array;
  /** The batch by Hugging Face name; with `labels` where a loss was recorded. */
  readonly inputs: FixtureTensors;
  /** Outputs by Hugging Face name: `logits`, `last_hidden_state`, ... */
  readonly outputs: FixtureTensors;
  /** Mean loss of the batch. */
  readonly loss?: number;
  /** Gradients of the loss by the original implementation's parameter names. */
  readonly gradients?: FixtureTensors;
  /** Results of the model with dropout. */
  readonly dropout?: RecordedDropout;
  /**
   * Stored tensors that the layout has as copies of others (`mirrorOf`), but that hold other numbers in this file: the
   * original takes them from the tensor they are copies of.
   */
  readonly unequalCopies?: readonly string[];
  /**
   * Canonical names of parameters that shift all logits of a softmax alike, so that their true gradient is zero and rounding
   * noise is all there is to compare.
   */
  readonly zeroGradients?: readonly string[];
  /** Objective the loss belongs to. Default: the model's first. */
  readonly objective?: string;
}

/** Names and shapes that one version of the original implementation saves for one class. */
export interface HeaderCase {
  /** Version of the library that wrote it: `5.18.0`. */
  readonly version: string;
  readonly class: string;
  /** `tie_word_embeddings`; absent for architectures without ties. */
  readonly tied?: boolean;
  /** Keys beside the sizes: `{ "qkv_bias": false }`. */
  readonly config?: RawConfig;
  /** Index into {@link RecordedHeaders.headers}. */
  readonly header: number;
}

/** The file that `tooling/fixtures/record-headers.py` writes. Every size in `sizes` is different from every other. */
export interface RecordedHeaders {
  readonly sizes: RawConfig;
  /** By version, `config.json` as it is saved for these sizes. */
  readonly configs: Readonly<Record<string, RawConfig>>;
  readonly cases: readonly HeaderCase[];
  /** Shapes by stored name. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** A way in which other files name or arrange the same tensors. */
export interface NameVariant {
  /** Name in a failure: `gamma and beta`. */
  readonly name: string;
  /** Default: the architecture's first class. */
  readonly className?: string;
  /** Config keys beside the recorded sizes. */
  readonly config?: RawConfig;
  /** A file that holds the given tensors in that way. */
  store(tensors: FixtureTensors): FixtureTensors;
}

/** Draws the sizes of a random config. */
export interface SizeDraw {
  /** A size that grows: whole, from `min` to `max`. The larger model's is at least the smaller one's. */
  growing(min: number, max: number): number;
  /** A size that both models share. */
  fixed(min: number, max: number): number;
}

/** Fixtures of an architecture. */
export interface ArchitectureFixtures {
  /** At least one; one per class whose forward pass is recorded. */
  readonly checkpoints: readonly RecordedCheckpoint[];
  readonly headers: RecordedHeaders;
  /** Name variants that are read. Default none. */
  readonly variants?: readonly NameVariant[];
  /** The config keys to change so that every growing space becomes twice as wide, heads staying as large as they are. */
  wider(config: RawConfig): RawConfig;
  /** The config keys to change so that every stack has twice as many layers. */
  deeper(config: RawConfig): RawConfig;
  /** The config keys of a random model, every size small. */
  sizes(draw: SizeDraw): RawConfig;
}

/** Renames tensors: a helper for {@link NameVariant.store}. `rename` gives `undefined` for a tensor to leave out. */
export function renameTensors(
  tensors: FixtureTensors,
  rename: (name: string) => string | undefined,
): FixtureTensors {
  return new Map(
    [...tensors].flatMap(([name, tensor]) => {
      const renamed = rename(name);
      return renamed === undefined ? [] : [[renamed, tensor] as const];
    }),
  );
}

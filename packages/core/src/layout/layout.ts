/**
 * Role of an axis of a parameter in its space: it writes it (`out`: the rows of a linear layer, its bias, the columns
 * of an embedding table), reads it (`in`), scales or shifts it per channel (`elem`: layer norms), or is `fixed`.
 */
export type Role = "out" | "in" | "elem" | "fixed";

/** One axis, in storage order. A fused axis (GPT-2's `c_attn`) lists its spaces in order. */
export interface Axis {
  readonly space: string | readonly string[];
  readonly role: Role;
}

/** A named vector space. */
export interface Space {
  readonly size: number;
  /** False for `vocab`, `position`, `patch`, `label`: these have one size in source and target. */
  readonly grows: boolean;
  /** `model`: one width map; `layer`: one per layer of the stack. */
  readonly scope: "model" | "layer";
  /** Head size, where the space is a row of heads. */
  readonly unit?: number;
  /** The space this one only ever meets in an inner product scaled by 1/sqrt(unit): `query` names `key`. */
  readonly pairedWith?: string;
}

/** A list of layers of the same shape; what depth growth extends. */
export interface Stack {
  readonly layers: number;
  /** Where the norm stands decides whether inserted zero blocks keep the function (`pre`) or not (`post`). */
  readonly norm: "pre" | "post";
}

/** One parameter of a checkpoint, or one per layer where the name holds `{i}`. */
export interface Parameter {
  /** Canonical on-disk name, `{i}` for the layer. */
  readonly name: string;
  /** The stack whose layers `{i}` counts. */
  readonly stack?: string;
  /** Axes in storage order; their sizes are those of their spaces. */
  readonly axes: readonly Axis[];
  /** This parameter is the named one: never written, and dropped when an old file holds it. */
  readonly tiedTo?: string;
  /** Written as a copy of the named parameter and ignored on reading. */
  readonly mirrorOf?: string;
  /** Further canonical names to take the tensor from when `name` is absent. */
  readonly aliases?: readonly string[];
  /** The last norm before a tied readout: a method whose reading side differs folds that difference in here. */
  readonly readout?: true;
  /** Start when training from scratch. */
  readonly initial: "normal" | "zeros" | "ones";
  /** Whether weight decay applies. */
  readonly decay: boolean;
}

/** A regular expression (source text) and its replacement, applied to names on reading. */
export interface Rename {
  readonly pattern: string;
  readonly replacement: string;
}

/**
 * A stored tensor that holds several canonical ones behind each other along its first axis, in order: timm's `attn.qkv`
 * holds query, key and value.
 */
export interface Split {
  /** Regular expression (source text) that matches the whole name, `renames` applied. */
  readonly pattern: string;
  /** Canonical names of the parts, with `$1` and so on for groups of the pattern. */
  readonly parts: readonly string[];
}

/**
 * Numbers that a stored buffer holds, which transformers makes anew: 0, 1, 2, ... along its last axis (`positions`), zeros, ones
 * on and below the diagonal of its last two axes (`causal-mask`), or one very negative number (`mask-value`).
 */
export type BufferNumbers = "positions" | "zeros" | "causal-mask" | "mask-value";

/** Stored tensors that are no parameters. */
export interface StoredBuffer {
  /** Regular expression (source text) that matches canonical names. */
  readonly pattern: string;
  readonly holds: BufferNumbers;
}

/** Everything growth needs to know of a checkpoint, as plain JSON-serialisable data for one config. */
export interface Layout {
  readonly architecture: string;
  /** Hugging Face class, e.g. `BertForMaskedLM`. */
  readonly className: string;
  readonly spaces: Readonly<Record<string, Space>>;
  readonly stacks: Readonly<Record<string, Stack>>;
  readonly parameters: readonly Parameter[];
  /** Applied in order to every name read, to reach the canonical name. */
  readonly renames: readonly Rename[];
  /** Stored tensors that are read as several. */
  readonly splits?: readonly Split[];
  /** Buffers, which are dropped on reading where they hold what they must. */
  readonly buffers?: readonly StoredBuffer[];
  /** Regular expressions (source text) of canonical names that are dropped on reading: heads the class lacks. */
  readonly drops: readonly string[];
  /** Removed from the front of canonical names on writing (`bert.` for the bare `BertModel`). */
  readonly strippedPrefix?: string;
}

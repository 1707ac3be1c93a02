/**
 * Role of an axis of a parameter in its space: it writes it (`out`: the rows of a linear layer, its bias, the columns
 * of an embedding table), reads it (`in`), scales or shifts it per channel (`elem`: layer norms), or is `fixed`.
 */
export type Role = "out" | "in" | "elem" | "fixed";

/** One axis, in storage order. A fused axis (GPT-2's `c_attn`) lists its spaces in order. */
export interface Axis {
  readonly space: string | readonly string[];
  readonly role: Role;
  /**
   * The first factor of all its spaces, by which a fused axis interleaves them, the first axis of its parameter: with `head`,
   * GPT-NeoX's queries, keys and values stand behind each other head by head.
   */
  readonly interleavedBy?: string;
}

/** One factor of a space that is a product: heads, query heads of a group, channels of a head. */
export interface Factor {
  /** Spaces that name the same factor choose the same units of it. */
  readonly name: string;
  readonly size: number;
  /** The factor whose units own these: a key-value head owns a group of query heads. It stands before this one. */
  readonly within?: string;
  /** Of such an owner: the number of units that each of its own has, in spaces that leave these out too. */
  readonly owns?: number;
  /**
   * Angular speeds, in radians a position, that rotary embeddings turn the pairs of channels (i, i + n) by, n speeds in a
   * list; channels from 2n on are not turned. One list for each kind of layer.
   */
  readonly rotary?: readonly (readonly number[])[];
}

/** The inner product that a space meets another one in. */
export interface Pairing {
  /** The other space: `query` names `key`. */
  readonly with: string;
  /** Factor of the inner product before the softmax: 1/sqrt(head size), or what the config says. */
  readonly scale: number;
  /** Whether it is divided by the number of the layer, from 1, too. */
  readonly byLayer?: true;
}

/**
 * The meaning of the rows of a table, by which new ones are made: tokens; positions, `first` rows before the first one; patches of
 * images, row by row of a grid [height, width], behind the rows of `first` tokens. `antialias`: grids are resampled as by timm and by
 * transformers for DINOv2 with registers, else as by transformers for all others.
 */
export type Rows =
  | { readonly of: "tokens" }
  | { readonly of: "positions"; readonly first: number }
  | {
      readonly of: "patches";
      readonly first: number;
      readonly grid: readonly [height: number, width: number];
      readonly antialias: boolean;
    };

/** A named vector space. */
export interface Space {
  readonly size: number;
  /** False for `vocab`, `position`, `patch`, `label`: no map grows these. */
  readonly grows: boolean;
  /** Present where the target may have more rows all the same: they are made in the source's width, before any map. */
  readonly rows?: Rows;
  /** `model`: one width map; `layer`: one per layer of the stack. */
  readonly scope: "model" | "layer";
  /** The factors whose product it is, the slowest first: `query` is kvHead x group x channel. Absent: one of its own. */
  readonly factors?: readonly Factor[];
  /** Present where this space only ever meets another one in an inner product. */
  readonly pairing?: Pairing;
  /**
   * The space whose vectors this one holds, once for every unit of the factors that the other lacks: what attention's output
   * layer reads carries `value`. No parameter writes it, and its map follows from the other's.
   */
  readonly carries?: string;
  /** The space of a norm that runs over the last factor of this one (norms of queries and keys): `queryChannel`. */
  readonly normedBy?: string;
}

/** A list of layers of the same shape; what depth growth extends. */
export interface Stack {
  readonly layers: number;
  /** Where the norm stands decides whether inserted zero blocks keep the function (`pre`) or not (`post`). */
  readonly norm: "pre" | "post";
  /** The kind of every layer where they differ in more than weights: local and global attention. */
  readonly kinds?: readonly string[];
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
  /**
   * Present on the gain of a norm: `centred` takes the mean from its input first (layer norm), `rms` does not.
   */
  readonly norm?: "centred" | "rms";
  /** The parameter that the model computes with is the stored one plus this: 1 for Gemma's gains. Default 0. */
  readonly offset?: number;
  /** Factor that the model multiplies it by and that depends on a size: Gemma's embedding scale. Default 1. */
  readonly multiplier?: number;
  /** Layers of the stack that lack it (ModernBERT's first has no norm before attention). */
  readonly absentIn?: readonly number[];
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
 * on and below the diagonal of its last two axes (`causal-mask`), one very negative number (`mask-value`); or these numbers along its
 * last axis, up to a factor: the speeds of rotary embeddings.
 */
export type BufferNumbers =
  | "positions"
  | "zeros"
  | "causal-mask"
  | "mask-value"
  | readonly number[];

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
  /** Present where the epsilon of the norms is the same whatever the config says (CaiT). */
  readonly normEpsilon?: "fixed";
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

/** What the templates are filled with. */
export interface Names {
  readonly modelType: string;
  /** The class to start with. */
  readonly className: string;
  /** What the names of the family's classes begin with: `Llama` of `LlamaForCausalLM`. */
  readonly prefix: string;
  /** The architecture's value: `gpt2`. */
  readonly value: string;
  /** The config's type: `Gpt2Config`. */
  readonly type: string;
  /** `Gpt2`. */
  readonly title: string;
}

/** What the kit is told of a family's configs. */
export interface Sizes {
  /** Keys that are doubled for twice the width. */
  readonly wider: readonly string[];
  /** Keys that are the width where the config does not say them, and doubled too. */
  readonly widths?: readonly string[];
  /** Body of `sizes`: a small random config. */
  readonly sizes: string;
}

/** Makes a source file. */
export type Source = (names: Names) => string;

/** The start of a package of one kind. */
export interface Scaffold {
  /** Ends of the names of its classes, `ForCausalLM`; `undefined` where the class that is named is the only one. */
  readonly classes: readonly string[] | undefined;
  /** Keys of a small config, for the example of the README. */
  readonly tiny: Readonly<Record<string, number>>;
  /** Files of `src` by name. */
  readonly sources: Readonly<Record<"config" | "layout" | "model" | "index", Source>>;
  readonly sizes: Sizes;
}

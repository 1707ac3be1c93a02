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

/** The sources of a package, each a file of that name; `test` is `conformance.test.ts`. */
export type Sources = Readonly<Record<"config" | "layout" | "model" | "index" | "test", string>>;

/** The start of a package of one kind. */
export interface Scaffold {
  /** Ends of the names of its classes, `ForCausalLM`; `undefined` where the class that is named is the only one. */
  readonly classes: readonly string[] | undefined;
  /** Keys of a small config, for the example of the README. */
  readonly tiny: Readonly<Record<string, number>>;
  sources(names: Names): Sources;
}

/** Ids of the special tokens a tokenizer has, and all ids that are never masked nor drawn at random. */
export interface SpecialTokens {
  readonly pad?: number;
  readonly unknown?: number;
  /** Opens a sequence: `[CLS]`, `<s>`. */
  readonly classify?: number;
  /** Closes a sequence: `[SEP]`, `</s>`. */
  readonly separate?: number;
  readonly mask?: number;
  /** Ends a document: `<|endoftext|>`, `</s>`. */
  readonly end?: number;
  /** Every special id, the above and any further ones. */
  readonly all: ReadonlySet<number>;
}

type Kind = Exclude<keyof SpecialTokens, "all">;

/** Keys of `tokenizer_config.json`, and the usual names where it is absent or silent. */
const KINDS: readonly { kind: Kind; key: string; usual: readonly string[] }[] = [
  { kind: "pad", key: "pad_token", usual: ["[PAD]", "<pad>"] },
  { kind: "unknown", key: "unk_token", usual: ["[UNK]", "<unk>"] },
  { kind: "classify", key: "cls_token", usual: ["[CLS]", "<s>"] },
  { kind: "separate", key: "sep_token", usual: ["[SEP]", "</s>"] },
  { kind: "mask", key: "mask_token", usual: ["[MASK]", "<mask>"] },
  { kind: "end", key: "eos_token", usual: ["<|endoftext|>", "</s>"] },
];

/** Finds the special tokens by the names in `tokenizer_config.json`, else by their usual names. */
export function findSpecialTokens(
  config: Readonly<Record<string, unknown>>,
  idOf: (token: string) => number | undefined,
  marked: Iterable<number>,
): SpecialTokens {
  const named: Partial<Record<Kind, number>> = {};
  for (const { kind, key, usual } of KINDS) {
    const configured = tokenContent(config[key]);
    const id = (configured === undefined ? usual : [configured])
      .map((token) => idOf(token))
      .find((one) => one !== undefined);
    if (id !== undefined) named[kind] = id;
  }
  return { ...named, all: new Set([...marked, ...Object.values(named)]) };
}

/** A token is written as its text, or as an object that holds it. */
function tokenContent(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "content" in value) {
    return typeof value.content === "string" ? value.content : undefined;
  }
  return undefined;
}

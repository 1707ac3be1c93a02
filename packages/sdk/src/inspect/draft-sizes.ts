import type { RawConfig } from "@ligo/core";

/** A size that a config gives, by the space it is the size of. */
export interface DraftSize {
  readonly space: string;
  readonly size: number;
  /** How the layout computes it from `config`, as TypeScript. */
  readonly expression: string;
  readonly grows: boolean;
}

/** Keys of configs by what they say, as Hugging Face's and timm's families name them. */
const KEYS = {
  embed: ["hidden_size", "n_embd", "d_model", "dim", "embed_dim", "embedding_dim"],
  mlp: ["intermediate_size", "n_inner", "ffn_dim", "d_ff", "hidden_dim", "encoder_ffn_dim"],
  heads: ["num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"],
  keyValueHeads: ["num_key_value_heads", "n_kv_heads", "num_kv_heads", "n_head_kv"],
  headSize: ["head_dim", "head_size", "attention_head_size", "d_kv"],
  layers: ["num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth", "encoder_layers"],
  vocab: ["vocab_size"],
  position: ["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"],
  type: ["type_vocab_size"],
  channel: ["num_channels", "in_chans"],
  patch: ["patch_size"],
  image: ["image_size", "img_size"],
  label: ["num_labels", "num_classes"],
} as const;

export type KnownKey = keyof typeof KEYS;

/** The key a config has for something, and its value where that is a number. */
export function findKey(
  config: RawConfig,
  what: KnownKey,
): { readonly key: string; readonly value: number } | undefined {
  const key = KEYS[what].find((name) => typeof config[name] === "number");
  return key === undefined ? undefined : { key, value: Number(config[key]) };
}

/** A key of `config` as TypeScript reads it. */
export const property = (key: string): string =>
  /^[A-Za-z_$][\w$]*$/u.test(key) ? `config.${key}` : `config[${JSON.stringify(key)}]`;

/** The sizes a config gives, the most telling first. */
export function findSizes(config: RawConfig): readonly DraftSize[] {
  const sizes: DraftSize[] = [];
  const add = (space: string, size: number, expression: string, grows: boolean): void => {
    sizes.push({ space, size, expression, grows });
  };
  const embed = findKey(config, "embed");
  if (embed !== undefined) add("embed", embed.value, property(embed.key), true);
  const mlp = findKey(config, "mlp");
  const ratio = config["mlp_ratio"];
  if (mlp !== undefined) add("mlp", mlp.value, property(mlp.key), true);
  else if (embed !== undefined) {
    const factor = typeof ratio === "number" ? ratio : 4;
    const text = typeof ratio === "number" ? "config.mlp_ratio" : "4";
    add("mlp", factor * embed.value, `${text} * ${property(embed.key)}`, true);
  }
  for (const what of ["vocab", "position", "type", "channel", "patch"] as const) {
    const found = findKey(config, what);
    if (found !== undefined) add(what, found.value, property(found.key), false);
  }
  const [image, patch] = [findKey(config, "image"), findKey(config, "patch")];
  if (image !== undefined && patch !== undefined) {
    const patches = (image.value / patch.value) ** 2;
    const text = `(${property(image.key)} / ${property(patch.key)}) ** 2`;
    add("position", patches, text, false);
    add("position", patches + 1, `${text} + 1`, false);
    add("position", patches + 2, `${text} + 2`, false);
  }
  const { id2label } = config;
  if (typeof id2label === "object" && id2label !== null) {
    add("label", Object.keys(id2label).length, "labelCount(config)", false);
  } else {
    add("label", findKey(config, "label")?.value ?? 2, "labelCount(config)", false);
  }
  return sizes;
}

/** Sizes under names of their own: every other whole number of a config, for what the known keys do not explain. */
export function otherSizes(config: RawConfig): readonly DraftSize[] {
  const known = new Set<string>(Object.values(KEYS).flat());
  return Object.entries(config).flatMap(([key, value]) =>
    !known.has(key) && typeof value === "number" && Number.isInteger(value) && value > 3
      ? [{ space: key, size: value, expression: property(key), grows: false }]
      : [],
  );
}

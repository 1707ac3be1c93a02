/** What the words of a parameter's name say of it, whoever named it. */

/** The words of a name: its parts at dots, underscores and between small and capital letters, in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1.$2")
    .toLowerCase()
    .split(/[._]/u)
    .filter((word) => word !== "");
}

const hasWord = (name: string, pattern: RegExp): boolean =>
  wordsOf(name).some((word) => pattern.test(word));

/** A name without `.weight` and `.bias`. */
export function moduleOf(name: string): string {
  return name.replace(/\.(?:weight|bias|gamma|beta)$/u, "");
}

/** Norms: `LayerNorm`, `layernorm_before`, `ln_1`, `norm1`. */
export function isNorm(name: string): boolean {
  return hasWord(moduleOf(name), /^(?:norm\d*|layernorm|rmsnorm|ln\d*|ln)$/u);
}

/** Channel scales of a branch (LayerScale): `gamma_1`, `ls1.gamma`, `layer_scale.lambda`. */
export function isLayerScale(name: string): boolean {
  return /(?:^|\.)(?:gamma_\d+|ls\d+(?:\.gamma)?|layer_scale\d*(?:\.\w+)?)$/u.test(name);
}

/** Parts of attention. */
export function isAttention(name: string): boolean {
  return hasWord(name, /^(?:attn|attention|attentions|selfattention|crossattention)$/u);
}

/** Which of query, key and value a layer makes, or all three behind each other. */
export function attentionPart(name: string): "query" | "key" | "value" | "fused" | undefined {
  const words = wordsOf(moduleOf(name));
  const has = (...wanted: string[]): boolean => wanted.some((word) => words.includes(word));
  const joined = words.join("_");
  if (/qkv|(?:^|_)c_attn$|query_key_value|in_proj/u.test(joined)) return "fused";
  const last = words.slice(-2);
  const ends = (...wanted: string[]): boolean => wanted.some((word) => last.includes(word));
  if (ends("query", "q") || has("query")) return "query";
  if (ends("key", "k") || has("key")) return "key";
  if (ends("value", "v") || has("value")) return "value";
  return undefined;
}

/** Tables that are looked up or added to a sequence. */
export function isEmbedding(name: string): boolean {
  // `embed_out` is GPT-NeoX's readout
  if (hasWord(name, /^(?:out|unembed)$/u)) return false;
  return hasWord(name, /^(?:embed|embeddings?|wte|wpe|embd|token|tokens|pos|position|positions)$/u);
}

export function isPosition(name: string): boolean {
  return hasWord(name, /^(?:wpe|pos|position|positions|positional)$/u);
}

/** Where the norms of a layer stand, from their names: before what they normalise, or after a sum. */
export function normPlace(names: readonly string[]): "pre" | "post" | undefined {
  const norms = names.filter(isNorm).map(moduleOf);
  if (norms.some((name) => /before|input_layernorm|ln_1$|norm1$|pre_/u.test(name))) return "pre";
  // BERT's stand within the modules whose output they normalise
  if (norms.some((name) => /output\.LayerNorm$|sa_layer_norm$|output_layer_norm$/u.test(name)))
    return "post";
  return undefined;
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenedModel } from "../models/open-model.js";

/** Config keys that change a function without changing a shape. */
const FUNCTION_KEYS = [
  "hidden_act",
  "layer_norm_eps",
  "tie_word_embeddings",
  "pad_token_id",
] as const;

/** What in two configs, and in the record of a growth, speaks against one function in both models. */
export async function changeReasons(
  small: OpenedModel,
  grown: OpenedModel,
): Promise<readonly string[]> {
  const [before, after] = [small.spec, grown.spec];
  const reasons: string[] = [];
  if (before.className !== after.className) {
    reasons.push(`the class changes from ${before.className} to ${after.className}`);
  }
  for (const key of FUNCTION_KEYS) {
    const [old, now] = [before.config[key], after.config[key]];
    if (old !== now) reasons.push(`${key} changes from ${String(old)} to ${String(now)}`);
  }
  for (const [name, { layers, norm }] of Object.entries(before.layout.stacks)) {
    const now = after.layout.stacks[name]?.layers ?? layers;
    if (now <= layers) continue;
    reasons.push(
      norm === "post"
        ? `${name}: ${layers} layers become ${now}, and its norms stand after the sums, where no inserted layer is an identity`
        : `${name}: ${layers} layers become ${now}, and inserted layers are identities only where they write zeros`,
    );
  }
  for (const [name, { size, unit, grows }] of Object.entries(before.layout.spaces)) {
    const now = after.layout.spaces[name];
    if (!grows || now === undefined || now.size === size) continue;
    if (unit !== undefined && now.unit !== undefined && unit !== now.unit) {
      reasons.push(
        `${name}: heads grow from ${unit} to ${now.unit}, which changes the scale of attention`,
      );
    } else if (now.size % size !== 0) {
      reasons.push(
        `${name}: ${size} becomes ${now.size}, no multiple: its units cannot all have the same number of copies`,
      );
    }
  }
  reasons.push(...(await recordedReasons(grown.checkpoint.folder)));
  return reasons;
}

/** What `ligo.json` beside a grown checkpoint says of how it was made. */
async function recordedReasons(folder: string): Promise<readonly string[]> {
  let record: { readonly command?: unknown; readonly settings?: { readonly method?: unknown } };
  try {
    record = JSON.parse(await readFile(join(folder, "ligo.json"), "utf8")) as typeof record;
  } catch {
    return [];
  }
  if (record.command === "train") return ["it was trained after it was grown"];
  if (record.settings?.method !== "ligo") return [];
  return [
    "its width maps and depth weights were learned: dense maps mix the units, and keep no function exactly",
  ];
}

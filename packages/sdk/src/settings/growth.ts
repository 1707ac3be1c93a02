import * as z from "@ligo/core/zod";
import { choice, flag, text, type Settings } from "./kinds.js";
import { oneOf, type Rule } from "./rules.js";

/** Settings of the target of a growth. */
export const targetSettings: Settings = {
  to: z.union([z.string().min(1), z.keys]).meta({
    group: "growth",
    holder: "config",
    type: "TargetConfig",
    must: "a config.json, a folder, a hub id, or the keys to change",
    says: "Config to grow to: a config.json, a folder or a hub id, or the keys to change, as a JSON file or inline.",
  }),
  ties: choice(["keep", "untie"], {
    group: "growth",
    says: "Tied weights of the source: kept tied, or untied in the target.",
  }).default("keep"),
};

/** Settings that say what is grown to: one of them at least is needed, and they add up. */
export const TARGET_SETTINGS = ["to"] as const;

/** A growth has a target. */
export const hasTarget: Rule<object> = oneOf(
  TARGET_SETTINGS,
  "Config to grow to: a config.json, a folder or a hub id, or the keys to change, as a JSON file or inline",
);

/** Settings of a growth beside its method. */
export const growthSettings: Settings = {
  operator: text({
    group: "method",
    holder: "file",
    says: "Learned operator.safetensors to apply; nothing is learned then.",
  }),
  evaluate: flag({
    flag: "eval",
    group: "judging",
    says: "Measure the losses of both models on held-out data.",
    off: "Do not measure losses on held-out data.",
  }).default(true),
};

import * as z from "@ligo/core/zod";
import { choice, count, flag, text, type Settings } from "./kinds.js";
import { needs, oneOf, unused, type Rule } from "./rules.js";

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
  growVocabulary: text({
    group: "growth",
    holder: "tokenizer",
    must: "a folder that holds tokenizer.json, or that file",
    says: "Tokenizer of the grown model, with more tokens: those it shares with the source's keep their rows, by what they are called.",
  }),
  padVocabulary: count({
    group: "growth",
    unit: "tokens",
    says: "Number that the size of the grown vocabulary is to be a multiple of.",
  }),
  newRows: choice(["moments", "random", "pieces"], {
    group: "growth",
    otherwise: "moments",
    says: "Start of new tokens: at the mean of the old ones, at random, or at the mean of the pieces that the source's tokenizer makes of them.",
  }),
  loseTokens: flag({
    group: "growth",
    otherwise: "false",
    says: "Give up tokens of the source that the new tokenizer does not have.",
  }),
  newPositions: choice(["copy", "interpolate"], {
    group: "growth",
    otherwise: "copy, of images interpolate",
    says: "Start of new learned positions: the old ones stay and begin again behind the last, or are stretched over all.",
  }),
};

/** Settings that say what is grown to: one of them at least is needed, and they add up. */
const TARGET_SETTINGS = ["to", "growVocabulary", "padVocabulary"] as const;

/** A growth has a target. */
export const hasTarget: Rule<object> = oneOf(
  TARGET_SETTINGS,
  "Config to grow to: a config.json, a folder or a hub id, or the keys to change, as a JSON file or inline",
);

/** Settings of a vocabulary that only another one, or a value of it, gives a meaning. */
export const vocabularyRules: readonly Rule<{
  readonly newRows: string | undefined;
  readonly operator?: string | undefined;
}>[] = [
  needs("loseTokens", "growVocabulary"),
  ({ newRows }, given) =>
    newRows === "pieces" ? needs("newRows", "growVocabulary")({}, given) : [],
  ({ operator }, given) =>
    operator === undefined
      ? []
      : ["newRows", "newPositions"]
          .filter((name) => given.has(name))
          .map((name) => unused(name, "`operator` says how rows start", "no `operator`")),
];

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

import { parseLayers } from "@ligo/core/methods";
import * as z from "@ligo/core/zod";
import { choice, count, flag, text, type Settings } from "./kinds.js";
import { moments } from "./optimization.js";
import { needs, oneOf, unused, type Rule } from "./rules.js";
import { isShapeWord } from "../growth/target-words.js";
import type { CheckedPlanSettings } from "./types.generated.js";

const UNITS = { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 } as const;

/** `300M`: a number with a unit, or without. */
function countOf(given: number | string, context: z.RefinementCtx): number {
  const [, digits, unit = ""] =
    /^(\d+(?:\.\d+)?)([KMBT]?)$/u.exec(String(given).toUpperCase()) ?? [];
  const count = Number(digits) * UNITS[unit as keyof typeof UNITS];
  if (!(count > 0)) context.addIssue({ code: "custom", message: "not a number" });
  return count;
}

/** Settings of new rows of tables. */
export const rowSettings: Settings = {
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

/** Settings of the target of a growth. */
export const targetSettings: Settings = {
  to: z.union([z.string().min(1), z.keys]).meta({
    group: "growth",
    holder: "config",
    type: "TargetConfig",
    must: "a config.json, a folder, a hub id, or the keys to change; or a word such as 2x, 2x-wide, 2x-deep",
    says: "Config to grow to: a config.json, a folder or a hub id; the keys to change, as a JSON file or inline; or 2x for about twice the parameters, width and depth in ratio, 2x-wide or 2x-deep for twice the width or the depth.",
  }),
  parameters: z
    .union([z.number().gt(0), z.string()])
    .transform(countOf)
    .meta({
      group: "growth",
      holder: "n",
      type: "number | string",
      checked: "number",
      must: "a number above 0, such as 300M or 1.5B",
      says: "Parameters of the target, within 5 %, such as 300M: width and depth grow in ratio, or as a shape in `to` says (2x-deep).",
    }),
  layers: z
    .string()
    .refine((list) => parseLayers(list) !== undefined)
    .meta({
      group: "growth",
      holder: "list",
      must: "half-open ranges and single layers, such as 0-20,12-28",
      says: "Source layer of every target layer, as half-open ranges and single layers: 0-20,12-28. The number of layers follows.",
    }),
  ties: choice(["keep", "untie"], {
    group: "growth",
    says: "Tied weights of the source: kept tied, or untied in the target.",
  }).default("keep"),
  ...rowSettings,
};

/** Settings that say what is grown to: one of them at least is needed, and they add up. */
const TARGET_SETTINGS = ["to", "layers", "parameters", "growVocabulary", "padVocabulary"] as const;

/** A config says how large its model is, and so does a number of parameters; a shape does not. */
export const parametersAlone: Rule<CheckedPlanSettings> = ({ to }, given) => {
  if (!given.has("parameters") || !given.has("to") || isShapeWord(to)) return [];
  return [
    {
      code: "settings/conflict",
      setting: "parameters",
      message:
        "`parameters` and `to` both say how large the target is. Give one of them, or beside `parameters` a shape such as " +
        '`to: "2x-deep"`',
      expected: "parameters or to",
    },
  ];
};

/** A growth has a target. */
export const hasTarget: Rule<object> = oneOf(
  TARGET_SETTINGS,
  String(targetSettings["to"]?.meta()?.["says"]).replace(/\.$/u, ""),
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
  layersBy: choice(["similarity"], {
    group: "growth",
    says: "Choice of the layers that are repeated in place: those whose input and output are most alike, by their cosine on `data`.",
  }),
  operator: text({
    group: "method",
    holder: "file",
    says: "Learned operator.safetensors to apply; nothing is learned then.",
  }),
  moments,
  evaluate: flag({
    flag: "eval",
    group: "judging",
    says: "Measure the losses of both models on held-out data.",
    off: "Do not measure losses on held-out data.",
  }).default(true),
};

import * as z from "@ligo/core/zod";
import { choice, count, flag, fraction, paths, text, whole, type Settings } from "./kinds.js";
import { conflict, type Rule } from "./rules.js";

/** Settings of the data a model sees, whatever they are. */
export const dataSettings: Settings = {
  data: paths({
    group: "data",
    holder: "paths",
    says: "Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`).",
  }),
  objective: text({
    group: "data",
    holder: "name",
    otherwise: "the first of the class",
    says: "Objective, of a class that has several.",
  }),
  batch: count({
    group: "data",
    says: "Sequences or images of an update.",
  }).default(32),
  sequence: count({
    flag: "seq",
    group: "data",
    unit: "tokens",
    says: "Tokens of a sequence, at most as many as the model has positions for.",
  }).default(128),
  seed: whole({ group: "run", says: "Seed of everything random." }).default(0),
  tokenizer: text({
    group: "data",
    holder: "path",
    otherwise: "beside the checkpoint",
    says: "Folder, tokenizer.json or hub id of the tokenizer.",
  }),
};

/** Settings of data that are split: a part is learned from, the rest judges. */
export const heldOutSettings: Settings = {
  heldOut: z
    .union([z.number().gt(0).lt(1), z.number().int().min(1)])
    .meta({
      group: "judging",
      holder: "x",
      must: "a share above 0 and below 1, or a whole number of blocks of text or images from 1",
      says: "Part of the data that is not learned from: a share, or a number of blocks of text or images.",
    })
    .default(0.05),
};

/** Whether all of the data judge. */
export const wholeData: Settings = {
  all: flag({
    group: "judging",
    says: "Judge by all of the data, not only by the part that training and growing hold out.",
  }).default(false),
};

/** Where all of the data judge, no part of them is held out. */
export const allOrHeldOut: Rule<{ all: boolean }> = ({ all }, given) =>
  all === true && given.has("heldOut") ? [conflict("all", "heldOut")] : [];

/** Data to judge by that are no part of those to learn from. */
export const evaluationData: Settings = {
  evalData: paths({
    group: "judging",
    holder: "paths",
    otherwise: "the held-out part of `data`",
    says: "Data to judge by, spelled as `data`.",
  }),
};

/** Settings of text. */
export const textSettings: Settings = {
  textColumn: text({
    group: "data",
    holder: "name",
    otherwise: "`text`; of labelled texts those of GLUE",
    says: "Column of the texts in tables; two with a comma between them make pairs of labelled texts.",
  }),
  labelColumn: text({
    group: "data",
    holder: "name",
    otherwise: "that of GLUE",
    says: "Column of the labels in tables.",
  }),
  stride: whole({
    group: "data",
    unit: "tokens",
    otherwise: "a third of `sequence`",
    says: "Tokens that two windows of a long text have in common, for question answering.",
  }),
  skipBadRows: flag({
    group: "data",
    says: "Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out.",
  }),
  dataWeights: z.array(z.number().gt(0)).min(1).meta({
    group: "data",
    otherwise: "all text alike",
    says: "One weight for each path of `data`: text is drawn from them in proportion.",
  }),
  cache: z.union([z.string().min(1), z.literal(false)]).meta({
    group: "data",
    holder: "folder",
    must: "a folder, or false",
    otherwise: "`LIGO_CACHE`, else `ligo` in the user's cache folder",
    says: "Folder where the tokens of texts are kept.",
    off: "Keep tokens in memory only.",
  }),
};

/** Folder or file of the preprocessor of images. */
export const imageFiles: Settings = {
  processor: text({
    group: "data",
    holder: "path",
    otherwise: "beside the checkpoint, else made for the model's size",
    says: "Folder, preprocessor_config.json or hub id of the preprocessor of images.",
  }),
};

/** Settings of learning from images. */
export const imageSettings: Settings = {
  augment: choice(["none", "plain", "deit"], {
    group: "data",
    says: "Random changes of training images: none; crop and flip; or those of DeiT, which mix, erase and smooth labels too.",
  }).default("plain"),
  stochasticDepth: fraction({
    group: "training",
    otherwise: "0",
    says: "Chance that the last layer of an image model is left out for an image, less for those before.",
  }),
  teacher: text({
    group: "training",
    holder: "checkpoint",
    says: "Checkpoint to learn from: an image classifier (distillation); for training also a language model (knowledge inheritance).",
  }),
};

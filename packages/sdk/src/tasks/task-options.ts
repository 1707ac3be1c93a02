import type { OpenModelOptions } from "../models/open-model.js";
import type { EngineName } from "../models/load-engine.js";
import type { Reporter } from "../reporter.js";

/** How training images are changed at random. */
export type AugmentationName = "none" | "plain" | "deit";

/** What only learning from images looks at. */
export interface ImageTaskOptions {
  /** Random changes of training images. Default `plain`: crop and mirroring; `deit` also mixes, erases and smooths labels. */
  readonly augment?: AugmentationName | undefined;
  /** Chance that the last layer is left out for an image (stochastic depth); less for those before. Default 0. */
  readonly stochasticDepth?: number | undefined;
  /** Folder or file of `preprocessor_config.json`. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
}

/** Whom a model learns from, beside its data. */
export interface TeacherOptions {
  /**
   * A checkpoint to learn from: of text, one with the same objective and vocabulary size (knowledge inheritance); of images,
   * a classifier of the same classes (distillation).
   */
  readonly teacher?: string | undefined;
  /** What the answers of both are softened by. Default 2 of text, 3 of `soft-distillation`; `hard-distillation` has none. */
  readonly temperature?: number | undefined;
  /**
   * Of text: steps over which the teacher's share in the loss falls from 1 to 0. Default 0.44 of the schedule's, the 55
   * of 125 thousand that Qin et al. publish.
   */
  readonly teacherSteps?: number | undefined;
}

/** What only learning from text looks at. */
export interface TextTaskOptions {
  /**
   * Column of tables that holds the texts. Default `text`. Of labelled texts two columns with a comma between them make
   * pairs; default: those of GLUE.
   */
  readonly textColumn?: string | undefined;
  /** Column of tables that holds the labels of texts. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Of questions: tokens that two windows of a long text have in common. Default: a third of the sequence. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Default false. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each entry of `data`: training draws from them in proportion. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder to keep tokens in, `false` for none. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
}

/** What is learned from, and how it is cut into batches. */
export interface TaskOptions
  extends OpenModelOptions, ImageTaskOptions, TextTaskOptions, TeacherOptions {
  /** Name of the objective. Default: the one the model's class is made for. */
  readonly objective?: string | undefined;
  /** Files, folders and globs; `hf://datasets/...` for those on the Hugging Face hub. */
  readonly data: readonly string[];
  /** What to judge by, instead of what is held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  /** Folder of the checkpoint, where a tokenizer is looked for. */
  readonly folder: string;
  /** Folder, file or hub id of the tokenizer. Default: in `folder`. */
  readonly tokenizer?: string | undefined;
  /** Sequences or images of a batch. */
  readonly batch: number;
  /** Tokens of a sequence; capped at what the model has positions for. */
  readonly sequence: number;
  /** What is held out: a fraction below 1, a number of blocks or images, or all of it. */
  readonly heldOut: number | "all";
  readonly seed: number;
  readonly engine: EngineName;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Made from the settings by `npm run generate`; a test holds it.

import type { EngineName, ForwardInputs, Method, Shard, TargetConfig } from "./values.js";

/** Names of the built-in methods. */
export type MethodName =
  | "ligo"
  | "ligo-depth"
  | "ligo-width"
  | "ligo-lossless"
  | "mango"
  | "stack"
  | "interpolate"
  | "interlace"
  | "zero-block"
  | "net2net"
  | "fpi"
  | "aki"
  | "tile"
  | "solar"
  | "midas"
  | "tleg"
  | "lesa"
  | "bot"
  | "lemon"
  | "lossless-fresh"
  | "gradmax"
  | "direct-copy"
  | "szp"
  | "sparkling"
  | "random";

/** Settings of `plan`. */
export interface PlanSettings {
  /** Config to grow to: a config.json, a folder or a hub id; the keys to change, as a JSON file or inline; or 2x for about twice the parameters, width and depth in ratio, 2x-wide or 2x-deep for twice the width or the depth. */
  readonly to?: TargetConfig | undefined;
  /** Parameters of the target, within 5 %, such as 300M: width and depth grow in ratio, or as a shape in `to` says (2x-deep). A number above 0, such as 300M or 1.5B. */
  readonly parameters?: number | string | undefined;
  /** Source layer of every target layer, as half-open ranges and single layers: 0-20,12-28. The number of layers follows. */
  readonly layers?: string | undefined;
  /** Tied weights of the source: kept tied, or untied in the target. Default: `"keep"`. */
  readonly ties?: "keep" | "untie" | undefined;
  /** Tokenizer of the grown model, with more tokens: those it shares with the source's keep their rows, by what they are called. */
  readonly growVocabulary?: string | undefined;
  /** Number that the size of the grown vocabulary is to be a multiple of. A whole number from 1. */
  readonly padVocabulary?: number | undefined;
  /** Start of new tokens: at the mean of the old ones, at random, or at the mean of the pieces that the source's tokenizer makes of them. Default: moments. */
  readonly newRows?: "moments" | "random" | "pieces" | undefined;
  /** Give up tokens of the source that the new tokenizer does not have. Default: false. */
  readonly loseTokens?: boolean | undefined;
  /** Start of new learned positions: the old ones stay and begin again behind the last, or are stretched over all. Default: copy, of images interpolate. */
  readonly newPositions?: "copy" | "interpolate" | undefined;
  /** Width maps per target layer (the published code), per source layer (the paper's equations), or one per space. Default: `"target-layer"`. */
  readonly form?: "target-layer" | "source-layer" | "model" | undefined;
  /** Method that makes the operator which learning goes on from; `initialWidth` and `initialDepth` say nothing then. */
  readonly start?:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `plan` after the check, defaults filled in. */
export interface CheckedPlanSettings {
  readonly to: TargetConfig | undefined;
  readonly parameters: number | undefined;
  readonly layers: string | undefined;
  readonly ties: "keep" | "untie";
  readonly growVocabulary: string | undefined;
  readonly padVocabulary: number | undefined;
  readonly newRows: "moments" | "random" | "pieces" | undefined;
  readonly loseTokens: boolean | undefined;
  readonly newPositions: "copy" | "interpolate" | undefined;
  readonly form: "target-layer" | "source-layer" | "model";
  readonly start:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly architecture: string | undefined;
}

/** Settings of `grow`. */
export interface GrowSettings {
  /** Config to grow to: a config.json, a folder or a hub id; the keys to change, as a JSON file or inline; or 2x for about twice the parameters, width and depth in ratio, 2x-wide or 2x-deep for twice the width or the depth. */
  readonly to?: TargetConfig | undefined;
  /** Parameters of the target, within 5 %, such as 300M: width and depth grow in ratio, or as a shape in `to` says (2x-deep). A number above 0, such as 300M or 1.5B. */
  readonly parameters?: number | string | undefined;
  /** Source layer of every target layer, as half-open ranges and single layers: 0-20,12-28. The number of layers follows. */
  readonly layers?: string | undefined;
  /** Tied weights of the source: kept tied, or untied in the target. Default: `"keep"`. */
  readonly ties?: "keep" | "untie" | undefined;
  /** Tokenizer of the grown model, with more tokens: those it shares with the source's keep their rows, by what they are called. */
  readonly growVocabulary?: string | undefined;
  /** Number that the size of the grown vocabulary is to be a multiple of. A whole number from 1. */
  readonly padVocabulary?: number | undefined;
  /** Start of new tokens: at the mean of the old ones, at random, or at the mean of the pieces that the source's tokenizer makes of them. Default: moments. */
  readonly newRows?: "moments" | "random" | "pieces" | undefined;
  /** Give up tokens of the source that the new tokenizer does not have. Default: false. */
  readonly loseTokens?: boolean | undefined;
  /** Start of new learned positions: the old ones stay and begin again behind the last, or are stretched over all. Default: copy, of images interpolate. */
  readonly newPositions?: "copy" | "interpolate" | undefined;
  /** How to grow. `auto` takes, with `data`, what a probe of a few starts chooses, and without the start that keeps the function. Default: `"auto"`. */
  readonly method?: "auto" | MethodName | Method | undefined;
  /** Tokens or images that will be trained on after growth, such as 10M: the probe of `auto` takes at most a twentieth of them, and an operator that it then learns a hundredth, on batches of a quarter of `batch`. A number above 0, such as 300M or 1.5B. Default: those of 100 batches. */
  readonly budget?: number | string | undefined;
  /** Learning rate that training will have, for the probe of `auto` and for `innerSteps`. A number above 0. Default: that of `train`, 0.0001. */
  readonly trainingRate?: number | undefined;
  /** Width maps per target layer (the published code), per source layer (the paper's equations), or one per space. Default: `"target-layer"`. */
  readonly form?: "target-layer" | "source-layer" | "model" | undefined;
  /** Start of the depth weights. Default: `"stackbert_noisy"`. */
  readonly initialDepth?:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block"
    | undefined;
  /** Start of the width maps. Default: `"rand"`. */
  readonly initialWidth?:
    | "rand"
    | "rand_softmax"
    | "sel"
    | "sel_noisy"
    | "function-preserving"
    | undefined;
  /** Standard deviation of numbers added, after learning, to the weights of new units; the target's initializer_range where it is not given. A number from 0. */
  readonly perturbation?: number | undefined;
  /** Method that makes the operator which learning goes on from; `initialWidth` and `initialDepth` say nothing then. */
  readonly start?:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  /** Noise on what new units hold, which breaks the symmetry between them: its deviation, in units of each tensor's own; 0 where it is not given. A number from 0. */
  readonly noise?: number | undefined;
  /** Standard deviation of weights that start from scratch; the target's initializer_range where it is not given. A number above 0. */
  readonly deviation?: number | undefined;
  /** Whether deviations are in units of the source's own, tensor by tensor: then `deviation` is 1 where it is not given. */
  readonly ownDeviation?: boolean | undefined;
  /** Power p of the factor (d / d')^p on weights that read a space which grows from d to d'; 0 where it is not given. A number from 0 to 1. */
  readonly readPower?: number | undefined;
  /** Factor of the source's weights before numbers are added to them; 0.4 where it is not given. A number above 0 to 1. */
  readonly shrink?: number | undefined;
  /** Whether new units copy old ones or start from scratch; copies where it is not given. */
  readonly newUnits?: "copies" | "fresh" | undefined;
  /** Layers of the block in the middle that is repeated until there are enough; 4 where it is not given. A whole number from 1. */
  readonly blockLayers?: number | undefined;
  /** Terms of the operator. A whole number from 1 to 99. Default: `1`. */
  readonly rank?: number | undefined;
  /** Share of new units that are drawn anew, at each tensor's own deviation, in place of being copied; 0 where it is not given. A number from 0 to 1. */
  readonly redrawn?: number | undefined;
  /** Length of what a new unit writes, in units of the mean length of what old ones write; 1 where it is not given. A number above 0. */
  readonly unitLength?: number | undefined;
  /** Choice of the layers that are repeated in place: those whose input and output are most alike, by their cosine on `data`. */
  readonly layersBy?: "similarity" | undefined;
  /** Learned operator.safetensors to apply; nothing is learned then. */
  readonly operator?: string | undefined;
  /** Moments of the optimiser that lie beside the weights of the source: `carry` takes them over, of a growth where an entry copies one of the source; `anew` leaves them. Default: carry. */
  readonly moments?: "carry" | "anew" | undefined;
  /** Measure the losses of both models on held-out data. Default: `true`. */
  readonly evaluate?: boolean | undefined;
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data?: string | readonly string[] | undefined;
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. Default: `0`. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. Default: `0.05`. */
  readonly heldOut?: number | undefined;
  /** Data to judge by, spelled as `data`. Default: the held-out part of `data`. */
  readonly evalData?: string | readonly string[] | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each path of `data`: text is drawn from them in proportion. A list, each a number above 0. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Folder, preprocessor_config.json or hub id of the preprocessor of images. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
  /** Random changes of training images: none; crop and flip; or those of DeiT, which mix, erase and smooth labels too. Default: `"plain"`. */
  readonly augment?: "none" | "plain" | "deit" | undefined;
  /** Chance that the last layer of an image model is left out for an image, less for those before. A number from 0 to below 1. Default: 0. */
  readonly stochasticDepth?: number | undefined;
  /** Checkpoint to learn from: an image classifier (distillation); for training also a language model (knowledge inheritance). */
  readonly teacher?: string | undefined;
  /** Updates. A whole number from 0. Default: `100`. */
  readonly steps?: number | undefined;
  /** Peak of the schedule. A number above 0. Default: `0.03`. */
  readonly learningRate?: number | undefined;
  /** Steps over which the learning rate rises from zero. A whole number from 0. Default: `10`. */
  readonly warmup?: number | undefined;
  /** How the learning rate falls after the warm-up; `wsd`: it stays at its peak and falls over `decaySteps`. Default: `"linear"`. */
  readonly schedule?: "linear" | "cosine" | "polynomial" | "constant" | "wsd" | undefined;
  /** Learning rate at the end of the schedule. A number from 0. Default: `0`. */
  readonly endLearningRate?: number | undefined;
  /** Power of the polynomial schedule. A number above 0. Default: `1`. */
  readonly power?: number | undefined;
  /** Last part of the `wsd` schedule, over which the learning rate falls: a share, or a number of steps. A share above 0 and below 1, or a whole number of steps from 1. Default: a fifth of the schedule's. */
  readonly decaySteps?: number | undefined;
  /** How the learning rate falls there. Default: `1-sqrt`. */
  readonly decayShape?: "1-sqrt" | "linear" | "cosine" | undefined;
  /** How gradients become updates; `muon`, of training alone, moves the matrices of layers and leaves the rest to AdamW. Default: `"adamw"`. */
  readonly optimizer?: "adamw" | "lamb" | "muon" | undefined;
  /** Decay of the first moment. A number from 0 to below 1. Default: `0.9`. */
  readonly beta1?: number | undefined;
  /** Decay of the second moment. A number from 0 to below 1. Default: `0.999`. */
  readonly beta2?: number | undefined;
  /** Added to the root of the second moment. A number above 0. Default: `0.000001`. */
  readonly epsilon?: number | undefined;
  /** Chance of dropping a number; `config` takes the rates of the model's config. A number from 0 to below 1, or config. Default: `0`. */
  readonly dropout?: number | "config" | undefined;
  /** Numbers that matrix products are made of; `f16` scales the loss, and the engine must have it. Default: `"f32"`. */
  readonly precision?: "f32" | "f16" | undefined;
  /** Parts that the batch of an update is taken in, one after the other, to save memory. Divides `batch`. A whole number from 1. Default: `1`. */
  readonly accumulate?: number | undefined;
  /** Compute activations anew in the backward pass instead of keeping them. Default: `false`. */
  readonly checkpointActivations?: boolean | undefined;
  /** `relative`: width maps learn at the learning rate divided by the old size; `uniform`: all tensors learn at it. Default: `"relative"`. */
  readonly rates?: "relative" | "uniform" | undefined;
  /** Weight decay of the operator towards where its learning starts (L2-SP). A number from 0. Default: none. */
  readonly startDecay?: number | undefined;
  /** Minimise the loss that the grown model has after so many steps of training, at `trainingRate`, instead of the one at its start. A whole number from 1. Default: none. */
  readonly innerSteps?: number | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
  /** Folder of the run and of its result; must be missing or empty. */
  readonly out?: string | undefined;
  /** Data type of the written weights. Default: that of the source. */
  readonly dtype?: "f32" | "f16" | "bf16" | undefined;
  /** Most bytes of weights in one file, such as 2GB; a larger tensor gets a file of its own. A number of bytes above 0, such as 500MB or 5GB. Default: 5GB. */
  readonly maxShardSize?: number | string | undefined;
  /** Steps between two checkpoints of a run. A whole number from 1. */
  readonly saveEvery?: number | undefined;
  /** Minutes between two checkpoints of a run; 0 for never. A number from 0. Default: 10, or 0 with `saveEvery`. */
  readonly saveMinutes?: number | undefined;
  /** Checkpoints of a run that stay: the last so many, and the best by held-out loss. A whole number from 1. Default: 2. */
  readonly keep?: number | undefined;
}

/** Settings of `grow` after the check, defaults filled in. */
export interface CheckedGrowSettings {
  readonly to: TargetConfig | undefined;
  readonly parameters: number | undefined;
  readonly layers: string | undefined;
  readonly ties: "keep" | "untie";
  readonly growVocabulary: string | undefined;
  readonly padVocabulary: number | undefined;
  readonly newRows: "moments" | "random" | "pieces" | undefined;
  readonly loseTokens: boolean | undefined;
  readonly newPositions: "copy" | "interpolate" | undefined;
  readonly method: "auto" | MethodName | Method;
  readonly budget: number | undefined;
  readonly trainingRate: number | undefined;
  readonly form: "target-layer" | "source-layer" | "model";
  readonly initialDepth:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block";
  readonly initialWidth: "rand" | "rand_softmax" | "sel" | "sel_noisy" | "function-preserving";
  readonly perturbation: number | undefined;
  readonly start:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  readonly noise: number | undefined;
  readonly deviation: number | undefined;
  readonly ownDeviation: boolean | undefined;
  readonly readPower: number | undefined;
  readonly shrink: number | undefined;
  readonly newUnits: "copies" | "fresh" | undefined;
  readonly blockLayers: number | undefined;
  readonly rank: number;
  readonly redrawn: number | undefined;
  readonly unitLength: number | undefined;
  readonly layersBy: "similarity" | undefined;
  readonly operator: string | undefined;
  readonly moments: "carry" | "anew" | undefined;
  readonly evaluate: boolean;
  readonly data: readonly string[] | undefined;
  readonly objective: string | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly seed: number;
  readonly tokenizer: string | undefined;
  readonly heldOut: number;
  readonly evalData: readonly string[] | undefined;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly dataWeights: readonly number[] | undefined;
  readonly cache: string | false | undefined;
  readonly processor: string | undefined;
  readonly augment: "none" | "plain" | "deit";
  readonly stochasticDepth: number | undefined;
  readonly teacher: string | undefined;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly schedule: "linear" | "cosine" | "polynomial" | "constant" | "wsd";
  readonly endLearningRate: number;
  readonly power: number;
  readonly decaySteps: number | undefined;
  readonly decayShape: "1-sqrt" | "linear" | "cosine" | undefined;
  readonly optimizer: "adamw" | "lamb" | "muon";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly dropout: number | "config";
  readonly precision: "f32" | "f16";
  readonly accumulate: number;
  readonly checkpointActivations: boolean;
  readonly rates: "relative" | "uniform";
  readonly startDecay: number | undefined;
  readonly innerSteps: number | undefined;
  readonly engine: EngineName;
  readonly architecture: string | undefined;
  readonly out: string | undefined;
  readonly dtype: "f32" | "f16" | "bf16" | undefined;
  readonly maxShardSize: number | undefined;
  readonly saveEvery: number | undefined;
  readonly saveMinutes: number | undefined;
  readonly keep: number | undefined;
}

/** Settings of `exportLearning`. */
export interface ExportLearningSettings {
  /** Config to grow to: a config.json, a folder or a hub id; the keys to change, as a JSON file or inline; or 2x for about twice the parameters, width and depth in ratio, 2x-wide or 2x-deep for twice the width or the depth. */
  readonly to?: TargetConfig | undefined;
  /** Parameters of the target, within 5 %, such as 300M: width and depth grow in ratio, or as a shape in `to` says (2x-deep). A number above 0, such as 300M or 1.5B. */
  readonly parameters?: number | string | undefined;
  /** Source layer of every target layer, as half-open ranges and single layers: 0-20,12-28. The number of layers follows. */
  readonly layers?: string | undefined;
  /** Tied weights of the source: kept tied, or untied in the target. Default: `"keep"`. */
  readonly ties?: "keep" | "untie" | undefined;
  /** Width maps per target layer (the published code), per source layer (the paper's equations), or one per space. Default: `"target-layer"`. */
  readonly form?: "target-layer" | "source-layer" | "model" | undefined;
  /** Start of the depth weights. Default: `"stackbert_noisy"`. */
  readonly initialDepth?:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block"
    | undefined;
  /** Start of the width maps. Default: `"rand"`. */
  readonly initialWidth?:
    | "rand"
    | "rand_softmax"
    | "sel"
    | "sel_noisy"
    | "function-preserving"
    | undefined;
  /** Standard deviation of numbers added, after learning, to the weights of new units; the target's initializer_range where it is not given. A number from 0. */
  readonly perturbation?: number | undefined;
  /** Method that makes the operator which learning goes on from; `initialWidth` and `initialDepth` say nothing then. */
  readonly start?:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  /** Noise on what new units hold, which breaks the symmetry between them: its deviation, in units of each tensor's own; 0 where it is not given. A number from 0. */
  readonly noise?: number | undefined;
  /** Standard deviation of weights that start from scratch; the target's initializer_range where it is not given. A number above 0. */
  readonly deviation?: number | undefined;
  /** Whether deviations are in units of the source's own, tensor by tensor: then `deviation` is 1 where it is not given. */
  readonly ownDeviation?: boolean | undefined;
  /** Power p of the factor (d / d')^p on weights that read a space which grows from d to d'; 0 where it is not given. A number from 0 to 1. */
  readonly readPower?: number | undefined;
  /** Factor of the source's weights before numbers are added to them; 0.4 where it is not given. A number above 0 to 1. */
  readonly shrink?: number | undefined;
  /** Whether new units copy old ones or start from scratch; copies where it is not given. */
  readonly newUnits?: "copies" | "fresh" | undefined;
  /** Layers of the block in the middle that is repeated until there are enough; 4 where it is not given. A whole number from 1. */
  readonly blockLayers?: number | undefined;
  /** Terms of the operator. A whole number from 1 to 99. Default: `1`. */
  readonly rank?: number | undefined;
  /** Share of new units that are drawn anew, at each tensor's own deviation, in place of being copied; 0 where it is not given. A number from 0 to 1. */
  readonly redrawn?: number | undefined;
  /** Length of what a new unit writes, in units of the mean length of what old ones write; 1 where it is not given. A number above 0. */
  readonly unitLength?: number | undefined;
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data: string | readonly string[];
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. Default: `0`. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. Default: `0.05`. */
  readonly heldOut?: number | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Folder, preprocessor_config.json or hub id of the preprocessor of images. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
  /** Random changes of training images: none; crop and flip; or those of DeiT, which mix, erase and smooth labels too. Default: `"plain"`. */
  readonly augment?: "none" | "plain" | "deit" | undefined;
  /** Chance that the last layer of an image model is left out for an image, less for those before. A number from 0 to below 1. Default: 0. */
  readonly stochasticDepth?: number | undefined;
  /** Updates. A whole number from 0. Default: `100`. */
  readonly steps?: number | undefined;
  /** Peak of the schedule. A number above 0. Default: `0.03`. */
  readonly learningRate?: number | undefined;
  /** Steps over which the learning rate rises from zero. A whole number from 0. Default: `10`. */
  readonly warmup?: number | undefined;
  /** How the learning rate falls after the warm-up; `wsd`: it stays at its peak and falls over `decaySteps`. Default: `"linear"`. */
  readonly schedule?: "linear" | "cosine" | "polynomial" | "constant" | "wsd" | undefined;
  /** Learning rate at the end of the schedule. A number from 0. Default: `0`. */
  readonly endLearningRate?: number | undefined;
  /** Power of the polynomial schedule. A number above 0. Default: `1`. */
  readonly power?: number | undefined;
  /** Last part of the `wsd` schedule, over which the learning rate falls: a share, or a number of steps. A share above 0 and below 1, or a whole number of steps from 1. Default: a fifth of the schedule's. */
  readonly decaySteps?: number | undefined;
  /** How the learning rate falls there. Default: `1-sqrt`. */
  readonly decayShape?: "1-sqrt" | "linear" | "cosine" | undefined;
  /** Decay of the first moment. A number from 0 to below 1. Default: `0.9`. */
  readonly beta1?: number | undefined;
  /** Decay of the second moment. A number from 0 to below 1. Default: `0.999`. */
  readonly beta2?: number | undefined;
  /** Added to the root of the second moment. A number above 0. Default: `0.000001`. */
  readonly epsilon?: number | undefined;
  /** Parts that the batch of an update is taken in, one after the other, to save memory. Divides `batch`. A whole number from 1. Default: `1`. */
  readonly accumulate?: number | undefined;
  /** `relative`: width maps learn at the learning rate divided by the old size; `uniform`: all tensors learn at it. Default: `"relative"`. */
  readonly rates?: "relative" | "uniform" | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
  /** Most bytes of weights in one file, such as 2GB; a larger tensor gets a file of its own. A number of bytes above 0, such as 500MB or 5GB. Default: 5GB. */
  readonly maxShardSize?: number | string | undefined;
  /** How to grow. `auto` takes, with `data`, what a probe of a few starts chooses, and without the start that keeps the function. Default: `"ligo"`. */
  readonly method?: "auto" | MethodName | Method | undefined;
  /** Folder of the run and of its result; must be missing or empty. */
  readonly out: string;
  /** First steps that are computed here and written, to hold others against: batches, losses, gradients of the operator. A whole number from 0. Default: `0`. */
  readonly dumpSteps?: number | undefined;
}

/** Settings of `exportLearning` after the check, defaults filled in. */
export interface CheckedExportLearningSettings {
  readonly to: TargetConfig | undefined;
  readonly parameters: number | undefined;
  readonly layers: string | undefined;
  readonly ties: "keep" | "untie";
  readonly form: "target-layer" | "source-layer" | "model";
  readonly initialDepth:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block";
  readonly initialWidth: "rand" | "rand_softmax" | "sel" | "sel_noisy" | "function-preserving";
  readonly perturbation: number | undefined;
  readonly start:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  readonly noise: number | undefined;
  readonly deviation: number | undefined;
  readonly ownDeviation: boolean | undefined;
  readonly readPower: number | undefined;
  readonly shrink: number | undefined;
  readonly newUnits: "copies" | "fresh" | undefined;
  readonly blockLayers: number | undefined;
  readonly rank: number;
  readonly redrawn: number | undefined;
  readonly unitLength: number | undefined;
  readonly data: readonly string[];
  readonly objective: string | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly seed: number;
  readonly tokenizer: string | undefined;
  readonly heldOut: number;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly cache: string | false | undefined;
  readonly processor: string | undefined;
  readonly augment: "none" | "plain" | "deit";
  readonly stochasticDepth: number | undefined;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly schedule: "linear" | "cosine" | "polynomial" | "constant" | "wsd";
  readonly endLearningRate: number;
  readonly power: number;
  readonly decaySteps: number | undefined;
  readonly decayShape: "1-sqrt" | "linear" | "cosine" | undefined;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly accumulate: number;
  readonly rates: "relative" | "uniform";
  readonly engine: EngineName;
  readonly architecture: string | undefined;
  readonly maxShardSize: number | undefined;
  readonly method: "auto" | MethodName | Method;
  readonly out: string;
  readonly dumpSteps: number;
}

/** Settings of `train`. */
export interface TrainSettings {
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data: string | readonly string[];
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. Default: `0`. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. Default: `0.05`. */
  readonly heldOut?: number | undefined;
  /** Data to judge by, spelled as `data`. Default: the held-out part of `data`. */
  readonly evalData?: string | readonly string[] | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each path of `data`: text is drawn from them in proportion. A list, each a number above 0. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Folder, preprocessor_config.json or hub id of the preprocessor of images. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
  /** Random changes of training images: none; crop and flip; or those of DeiT, which mix, erase and smooth labels too. Default: `"plain"`. */
  readonly augment?: "none" | "plain" | "deit" | undefined;
  /** Chance that the last layer of an image model is left out for an image, less for those before. A number from 0 to below 1. Default: 0. */
  readonly stochasticDepth?: number | undefined;
  /** Checkpoint to learn from: an image classifier (distillation); for training also a language model (knowledge inheritance). */
  readonly teacher?: string | undefined;
  /** Steps over which a language model's share in the loss falls to 0. A whole number from 1. Default: 0.44 of the schedule's. */
  readonly teacherSteps?: number | undefined;
  /** Divisor of the logits of teacher and student before they are compared. A number above 0. Default: 2 for text, 3 for images. */
  readonly temperature?: number | undefined;
  /** Updates. A whole number from 0. Default: `1000`. */
  readonly steps?: number | undefined;
  /** Peak of the schedule. A number above 0. Default: `0.0001`. */
  readonly learningRate?: number | undefined;
  /** Steps over which the learning rate rises from zero. A whole number from 0. */
  readonly warmup?: number | undefined;
  /** How the learning rate falls after the warm-up; `wsd`: it stays at its peak and falls over `decaySteps`. Default: `"linear"`. */
  readonly schedule?: "linear" | "cosine" | "polynomial" | "constant" | "wsd" | undefined;
  /** Learning rate at the end of the schedule. A number from 0. Default: `0`. */
  readonly endLearningRate?: number | undefined;
  /** Power of the polynomial schedule. A number above 0. Default: `1`. */
  readonly power?: number | undefined;
  /** Last part of the `wsd` schedule, over which the learning rate falls: a share, or a number of steps. A share above 0 and below 1, or a whole number of steps from 1. Default: a fifth of the schedule's. */
  readonly decaySteps?: number | undefined;
  /** How the learning rate falls there. Default: `1-sqrt`. */
  readonly decayShape?: "1-sqrt" | "linear" | "cosine" | undefined;
  /** How gradients become updates; `muon`, of training alone, moves the matrices of layers and leaves the rest to AdamW. Default: `"adamw"`. */
  readonly optimizer?: "adamw" | "lamb" | "muon" | undefined;
  /** Decay of the first moment. A number from 0 to below 1. Default: `0.9`. */
  readonly beta1?: number | undefined;
  /** Decay of the second moment. A number from 0 to below 1. Default: `0.999`. */
  readonly beta2?: number | undefined;
  /** Added to the root of the second moment. A number above 0. Default: `0.000001`. */
  readonly epsilon?: number | undefined;
  /** Chance of dropping a number; `config` takes the rates of the model's config. A number from 0 to below 1, or config. Default: `"config"`. */
  readonly dropout?: number | "config" | undefined;
  /** Numbers that matrix products are made of; `f16` scales the loss, and the engine must have it. Default: `"f32"`. */
  readonly precision?: "f32" | "f16" | undefined;
  /** Parts that the batch of an update is taken in, one after the other, to save memory. Divides `batch`. A whole number from 1. Default: `1`. */
  readonly accumulate?: number | undefined;
  /** Compute activations anew in the backward pass instead of keeping them. Default: `false`. */
  readonly checkpointActivations?: boolean | undefined;
  /** Class to train, such as `BertForSequenceClassification`. Default: that of the checkpoint. */
  readonly className?: string | undefined;
  /** Labels of the head; 1 for a number. A whole number from 1. Default: those of the data. */
  readonly labels?: number | undefined;
  /** Steps trained before by other runs: data, dropout and learning rate go on from there. A whole number from 0. Default: `0`. */
  readonly stepsBefore?: number | undefined;
  /** Steps that the schedule of the learning rate is laid out over. A whole number from 1. Default: `stepsBefore` + `steps`. */
  readonly scheduleSteps?: number | undefined;
  /** Passes over all training data, instead of `steps`. A number above 0. */
  readonly epochs?: number | undefined;
  /** Decay of the momentum of matrices that `muon` moves. A number from 0 to below 1. Default: 0.95. */
  readonly momentum?: number | undefined;
  /** Decoupled weight decay. A number from 0. Default: `0.1`. */
  readonly weightDecay?: number | undefined;
  /** Largest norm of the gradient. A number above 0. Default: `1`. */
  readonly clipNorm?: number | undefined;
  /** Share of the tokens that the layers between the first and the last do not see. A number from 0 to below 1. Default: 0. */
  readonly dropTokens?: number | undefined;
  /** Share of the sequences that skip the last layer, less of those before. A number from 0 to below 1. Default: 0. */
  readonly dropLayers?: number | undefined;
  /** Names of parameters that stay as they are; `*` stands for any part of a name. For a grown model also `old`, the entries that come from its source, or `new`, all others. */
  readonly freeze?: readonly string[] | undefined;
  /** Peak of the schedule for entries of a grown model that are new: not the first copy of one of its source. A number above 0. Default: `learningRate`. */
  readonly newLearningRate?: number | undefined;
  /** Steps over which the learning rate of new entries rises from zero, whatever the schedule of the old ones. A whole number from 1. Default: that of all. */
  readonly newWarmup?: number | undefined;
  /** Moments of the optimiser that lie beside the weights of the source: `carry` takes them over, of a growth where an entry copies one of the source; `anew` leaves them. Default: carry. */
  readonly moments?: "carry" | "anew" | undefined;
  /** Write the optimiser's moments beside the trained weights too, for a growth or a training to take over: 8 bytes a parameter. Default: false. */
  readonly saveMoments?: boolean | undefined;
  /** Names of parameters without weight decay, beside biases and norms. */
  readonly undecayed?: readonly string[] | undefined;
  /** Steps between two evaluations on held-out data. A whole number from 1. Default: at the end only. */
  readonly evaluateEvery?: number | undefined;
  /** Held-out loss at or below which training ends, at an evaluation on the way. A number above 0. */
  readonly targetLoss?: number | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
  /** Folder of the run and of its result; must be missing or empty. */
  readonly out?: string | undefined;
  /** Data type of the written weights. Default: that of the source. */
  readonly dtype?: "f32" | "f16" | "bf16" | undefined;
  /** Most bytes of weights in one file, such as 2GB; a larger tensor gets a file of its own. A number of bytes above 0, such as 500MB or 5GB. Default: 5GB. */
  readonly maxShardSize?: number | string | undefined;
  /** Steps between two checkpoints of a run. A whole number from 1. */
  readonly saveEvery?: number | undefined;
  /** Minutes between two checkpoints of a run; 0 for never. A number from 0. Default: 10, or 0 with `saveEvery`. */
  readonly saveMinutes?: number | undefined;
  /** Checkpoints of a run that stay: the last so many, and the best by held-out loss. A whole number from 1. Default: 2. */
  readonly keep?: number | undefined;
}

/** Settings of `train` after the check, defaults filled in. */
export interface CheckedTrainSettings {
  readonly data: readonly string[];
  readonly objective: string | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly seed: number;
  readonly tokenizer: string | undefined;
  readonly heldOut: number;
  readonly evalData: readonly string[] | undefined;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly dataWeights: readonly number[] | undefined;
  readonly cache: string | false | undefined;
  readonly processor: string | undefined;
  readonly augment: "none" | "plain" | "deit";
  readonly stochasticDepth: number | undefined;
  readonly teacher: string | undefined;
  readonly teacherSteps: number | undefined;
  readonly temperature: number | undefined;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number | undefined;
  readonly schedule: "linear" | "cosine" | "polynomial" | "constant" | "wsd";
  readonly endLearningRate: number;
  readonly power: number;
  readonly decaySteps: number | undefined;
  readonly decayShape: "1-sqrt" | "linear" | "cosine" | undefined;
  readonly optimizer: "adamw" | "lamb" | "muon";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly dropout: number | "config";
  readonly precision: "f32" | "f16";
  readonly accumulate: number;
  readonly checkpointActivations: boolean;
  readonly className: string | undefined;
  readonly labels: number | undefined;
  readonly stepsBefore: number;
  readonly scheduleSteps: number | undefined;
  readonly epochs: number | undefined;
  readonly momentum: number | undefined;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly dropTokens: number | undefined;
  readonly dropLayers: number | undefined;
  readonly freeze: readonly string[] | undefined;
  readonly newLearningRate: number | undefined;
  readonly newWarmup: number | undefined;
  readonly moments: "carry" | "anew" | undefined;
  readonly saveMoments: boolean | undefined;
  readonly undecayed: readonly string[] | undefined;
  readonly evaluateEvery: number | undefined;
  readonly targetLoss: number | undefined;
  readonly engine: EngineName;
  readonly architecture: string | undefined;
  readonly out: string | undefined;
  readonly dtype: "f32" | "f16" | "bf16" | undefined;
  readonly maxShardSize: number | undefined;
  readonly saveEvery: number | undefined;
  readonly saveMinutes: number | undefined;
  readonly keep: number | undefined;
}

/** Settings of `evaluate`. */
export interface EvaluateSettings {
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data: string | readonly string[];
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. Default: `0`. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. Default: `0.05`. */
  readonly heldOut?: number | undefined;
  /** Judge by all of the data, not only by the part that training and growing hold out. Default: `false`. */
  readonly all?: boolean | undefined;
  /** File to write the answers to questions to, by their ids. */
  readonly predictions?: string | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each path of `data`: text is drawn from them in proportion. A list, each a number above 0. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Folder, preprocessor_config.json or hub id of the preprocessor of images. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `evaluate` after the check, defaults filled in. */
export interface CheckedEvaluateSettings {
  readonly data: readonly string[];
  readonly objective: string | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly seed: number;
  readonly tokenizer: string | undefined;
  readonly heldOut: number;
  readonly all: boolean;
  readonly predictions: string | undefined;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly dataWeights: readonly number[] | undefined;
  readonly cache: string | false | undefined;
  readonly processor: string | undefined;
  readonly engine: EngineName;
  readonly architecture: string | undefined;
}

/** Settings of `forward`. */
export interface ForwardSettings {
  /** Inputs of the model by name, such as `input_ids`, `pixel_values`, `labels`; on disk a safetensors file. */
  readonly inputs: ForwardInputs;
  /** Safetensors file to write the outputs to; must be missing. */
  readonly output?: string | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `forward` after the check, defaults filled in. */
export interface CheckedForwardSettings {
  readonly inputs: ForwardInputs;
  readonly output: string | undefined;
  readonly engine: EngineName;
  readonly architecture: string | undefined;
}

/** Settings of `verify`. */
export interface VerifySettings {
  /** Inputs of the model by name, such as `input_ids`, `pixel_values`, `labels`; on disk a safetensors file. */
  readonly inputs?: ForwardInputs | undefined;
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data?: string | readonly string[] | undefined;
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. Default: `32`. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. Default: `128`. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. Default: `0`. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. Default: `0.05`. */
  readonly heldOut?: number | undefined;
  /** Judge by all of the data, not only by the part that training and growing hold out. Default: `false`. */
  readonly all?: boolean | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each path of `data`: text is drawn from them in proportion. A list, each a number above 0. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Largest difference of outputs that is let pass. A number above 0. Default: `0.00001`. */
  readonly tolerance?: number | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `verify` after the check, defaults filled in. */
export interface CheckedVerifySettings {
  readonly inputs: ForwardInputs | undefined;
  readonly data: readonly string[] | undefined;
  readonly objective: string | undefined;
  readonly batch: number;
  readonly sequence: number;
  readonly seed: number;
  readonly tokenizer: string | undefined;
  readonly heldOut: number;
  readonly all: boolean;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly dataWeights: readonly number[] | undefined;
  readonly cache: string | false | undefined;
  readonly tolerance: number;
  readonly engine: EngineName;
  readonly architecture: string | undefined;
}

/** Settings of `inspect`. */
export interface InspectSettings {
  /** Draft a layout from headers and config even where one is known. Default: `false`. */
  readonly draft?: boolean | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `inspect` after the check, defaults filled in. */
export interface CheckedInspectSettings {
  readonly draft: boolean;
  readonly architecture: string | undefined;
}

/** Settings of `resume`. */
export interface ResumeSettings {
  /** Checkpoint that the run was begun with, where it lies now. Default: where it was. */
  readonly checkpoint?: string | undefined;
  /** Config to grow to: a config.json, a folder or a hub id; the keys to change, as a JSON file or inline; or 2x for about twice the parameters, width and depth in ratio, 2x-wide or 2x-deep for twice the width or the depth. */
  readonly to?: TargetConfig | undefined;
  /** Parameters of the target, within 5 %, such as 300M: width and depth grow in ratio, or as a shape in `to` says (2x-deep). A number above 0, such as 300M or 1.5B. */
  readonly parameters?: number | string | undefined;
  /** Source layer of every target layer, as half-open ranges and single layers: 0-20,12-28. The number of layers follows. */
  readonly layers?: string | undefined;
  /** Tied weights of the source: kept tied, or untied in the target. */
  readonly ties?: "keep" | "untie" | undefined;
  /** Tokenizer of the grown model, with more tokens: those it shares with the source's keep their rows, by what they are called. */
  readonly growVocabulary?: string | undefined;
  /** Number that the size of the grown vocabulary is to be a multiple of. A whole number from 1. */
  readonly padVocabulary?: number | undefined;
  /** Start of new tokens: at the mean of the old ones, at random, or at the mean of the pieces that the source's tokenizer makes of them. Default: moments. */
  readonly newRows?: "moments" | "random" | "pieces" | undefined;
  /** Give up tokens of the source that the new tokenizer does not have. Default: false. */
  readonly loseTokens?: boolean | undefined;
  /** Start of new learned positions: the old ones stay and begin again behind the last, or are stretched over all. Default: copy, of images interpolate. */
  readonly newPositions?: "copy" | "interpolate" | undefined;
  /** How to grow. `auto` takes, with `data`, what a probe of a few starts chooses, and without the start that keeps the function. */
  readonly method?: "auto" | MethodName | Method | undefined;
  /** Tokens or images that will be trained on after growth, such as 10M: the probe of `auto` takes at most a twentieth of them, and an operator that it then learns a hundredth, on batches of a quarter of `batch`. A number above 0, such as 300M or 1.5B. Default: those of 100 batches. */
  readonly budget?: number | string | undefined;
  /** Learning rate that training will have, for the probe of `auto` and for `innerSteps`. A number above 0. Default: that of `train`, 0.0001. */
  readonly trainingRate?: number | undefined;
  /** Width maps per target layer (the published code), per source layer (the paper's equations), or one per space. */
  readonly form?: "target-layer" | "source-layer" | "model" | undefined;
  /** Start of the depth weights. */
  readonly initialDepth?:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block"
    | undefined;
  /** Start of the width maps. */
  readonly initialWidth?:
    | "rand"
    | "rand_softmax"
    | "sel"
    | "sel_noisy"
    | "function-preserving"
    | undefined;
  /** Standard deviation of numbers added, after learning, to the weights of new units; the target's initializer_range where it is not given. A number from 0. */
  readonly perturbation?: number | undefined;
  /** Method that makes the operator which learning goes on from; `initialWidth` and `initialDepth` say nothing then. */
  readonly start?:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  /** Noise on what new units hold, which breaks the symmetry between them: its deviation, in units of each tensor's own; 0 where it is not given. A number from 0. */
  readonly noise?: number | undefined;
  /** Standard deviation of weights that start from scratch; the target's initializer_range where it is not given. A number above 0. */
  readonly deviation?: number | undefined;
  /** Whether deviations are in units of the source's own, tensor by tensor: then `deviation` is 1 where it is not given. */
  readonly ownDeviation?: boolean | undefined;
  /** Power p of the factor (d / d')^p on weights that read a space which grows from d to d'; 0 where it is not given. A number from 0 to 1. */
  readonly readPower?: number | undefined;
  /** Factor of the source's weights before numbers are added to them; 0.4 where it is not given. A number above 0 to 1. */
  readonly shrink?: number | undefined;
  /** Whether new units copy old ones or start from scratch; copies where it is not given. */
  readonly newUnits?: "copies" | "fresh" | undefined;
  /** Layers of the block in the middle that is repeated until there are enough; 4 where it is not given. A whole number from 1. */
  readonly blockLayers?: number | undefined;
  /** Terms of the operator. A whole number from 1 to 99. */
  readonly rank?: number | undefined;
  /** Share of new units that are drawn anew, at each tensor's own deviation, in place of being copied; 0 where it is not given. A number from 0 to 1. */
  readonly redrawn?: number | undefined;
  /** Length of what a new unit writes, in units of the mean length of what old ones write; 1 where it is not given. A number above 0. */
  readonly unitLength?: number | undefined;
  /** Choice of the layers that are repeated in place: those whose input and output are most alike, by their cosine on `data`. */
  readonly layersBy?: "similarity" | undefined;
  /** Learned operator.safetensors to apply; nothing is learned then. */
  readonly operator?: string | undefined;
  /** Moments of the optimiser that lie beside the weights of the source: `carry` takes them over, of a growth where an entry copies one of the source; `anew` leaves them. Default: carry. */
  readonly moments?: "carry" | "anew" | undefined;
  /** Measure the losses of both models on held-out data. */
  readonly evaluate?: boolean | undefined;
  /** Files, folders, globs, and datasets on the hub (`hf://datasets/org/name[@revision][/path]`). */
  readonly data?: string | readonly string[] | undefined;
  /** Objective, of a class that has several. Default: the first of the class. */
  readonly objective?: string | undefined;
  /** Sequences or images of an update. A whole number from 1. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence, at most as many as the model has positions for. A whole number from 1. */
  readonly sequence?: number | undefined;
  /** Seed of everything random. A whole number from 0. */
  readonly seed?: number | undefined;
  /** Folder, tokenizer.json or hub id of the tokenizer. Default: beside the checkpoint. */
  readonly tokenizer?: string | undefined;
  /** Part of the data that is not learned from: a share, or a number of blocks of text or images. A share above 0 and below 1, or a whole number of blocks of text or images from 1. */
  readonly heldOut?: number | undefined;
  /** Data to judge by, spelled as `data`. Default: the held-out part of `data`. */
  readonly evalData?: string | readonly string[] | undefined;
  /** Column of the texts in tables; two with a comma between them make pairs of labelled texts. Default: `text`; of labelled texts those of GLUE. */
  readonly textColumn?: string | undefined;
  /** Column of the labels in tables. Default: that of GLUE. */
  readonly labelColumn?: string | undefined;
  /** Tokens that two windows of a long text have in common, for question answering. A whole number from 0. Default: a third of `sequence`. */
  readonly stride?: number | undefined;
  /** Leave out rows that cannot be used, and say how many, instead of ending with an error. Rows without a label are always left out. */
  readonly skipBadRows?: boolean | undefined;
  /** One weight for each path of `data`: text is drawn from them in proportion. A list, each a number above 0. Default: all text alike. */
  readonly dataWeights?: readonly number[] | undefined;
  /** Folder where the tokens of texts are kept. Default: `LIGO_CACHE`, else `ligo` in the user's cache folder. */
  readonly cache?: string | false | undefined;
  /** Folder, preprocessor_config.json or hub id of the preprocessor of images. Default: beside the checkpoint, else made for the model's size. */
  readonly processor?: string | undefined;
  /** Random changes of training images: none; crop and flip; or those of DeiT, which mix, erase and smooth labels too. */
  readonly augment?: "none" | "plain" | "deit" | undefined;
  /** Chance that the last layer of an image model is left out for an image, less for those before. A number from 0 to below 1. Default: 0. */
  readonly stochasticDepth?: number | undefined;
  /** Checkpoint to learn from: an image classifier (distillation); for training also a language model (knowledge inheritance). */
  readonly teacher?: string | undefined;
  /** Updates. A whole number from 0. */
  readonly steps?: number | undefined;
  /** Peak of the schedule. A number above 0. */
  readonly learningRate?: number | undefined;
  /** Steps over which the learning rate rises from zero. A whole number from 0. */
  readonly warmup?: number | undefined;
  /** How the learning rate falls after the warm-up; `wsd`: it stays at its peak and falls over `decaySteps`. */
  readonly schedule?: "linear" | "cosine" | "polynomial" | "constant" | "wsd" | undefined;
  /** Learning rate at the end of the schedule. A number from 0. */
  readonly endLearningRate?: number | undefined;
  /** Power of the polynomial schedule. A number above 0. */
  readonly power?: number | undefined;
  /** Last part of the `wsd` schedule, over which the learning rate falls: a share, or a number of steps. A share above 0 and below 1, or a whole number of steps from 1. Default: a fifth of the schedule's. */
  readonly decaySteps?: number | undefined;
  /** How the learning rate falls there. Default: `1-sqrt`. */
  readonly decayShape?: "1-sqrt" | "linear" | "cosine" | undefined;
  /** How gradients become updates; `muon`, of training alone, moves the matrices of layers and leaves the rest to AdamW. */
  readonly optimizer?: "adamw" | "lamb" | "muon" | undefined;
  /** Decay of the first moment. A number from 0 to below 1. */
  readonly beta1?: number | undefined;
  /** Decay of the second moment. A number from 0 to below 1. */
  readonly beta2?: number | undefined;
  /** Added to the root of the second moment. A number above 0. */
  readonly epsilon?: number | undefined;
  /** Chance of dropping a number; `config` takes the rates of the model's config. A number from 0 to below 1, or config. */
  readonly dropout?: number | "config" | undefined;
  /** Numbers that matrix products are made of; `f16` scales the loss, and the engine must have it. */
  readonly precision?: "f32" | "f16" | undefined;
  /** Parts that the batch of an update is taken in, one after the other, to save memory. Divides `batch`. A whole number from 1. */
  readonly accumulate?: number | undefined;
  /** Compute activations anew in the backward pass instead of keeping them. */
  readonly checkpointActivations?: boolean | undefined;
  /** `relative`: width maps learn at the learning rate divided by the old size; `uniform`: all tensors learn at it. */
  readonly rates?: "relative" | "uniform" | undefined;
  /** Weight decay of the operator towards where its learning starts (L2-SP). A number from 0. Default: none. */
  readonly startDecay?: number | undefined;
  /** Minimise the loss that the grown model has after so many steps of training, at `trainingRate`, instead of the one at its start. A whole number from 1. Default: none. */
  readonly innerSteps?: number | undefined;
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
  /** Data type of the written weights. Default: that of the source. */
  readonly dtype?: "f32" | "f16" | "bf16" | undefined;
  /** Most bytes of weights in one file, such as 2GB; a larger tensor gets a file of its own. A number of bytes above 0, such as 500MB or 5GB. Default: 5GB. */
  readonly maxShardSize?: number | string | undefined;
  /** Steps between two checkpoints of a run. A whole number from 1. */
  readonly saveEvery?: number | undefined;
  /** Minutes between two checkpoints of a run; 0 for never. A number from 0. Default: 10, or 0 with `saveEvery`. */
  readonly saveMinutes?: number | undefined;
  /** Checkpoints of a run that stay: the last so many, and the best by held-out loss. A whole number from 1. Default: 2. */
  readonly keep?: number | undefined;
  /** Steps over which a language model's share in the loss falls to 0. A whole number from 1. Default: 0.44 of the schedule's. */
  readonly teacherSteps?: number | undefined;
  /** Divisor of the logits of teacher and student before they are compared. A number above 0. Default: 2 for text, 3 for images. */
  readonly temperature?: number | undefined;
  /** Class to train, such as `BertForSequenceClassification`. Default: that of the checkpoint. */
  readonly className?: string | undefined;
  /** Labels of the head; 1 for a number. A whole number from 1. Default: those of the data. */
  readonly labels?: number | undefined;
  /** Steps trained before by other runs: data, dropout and learning rate go on from there. A whole number from 0. */
  readonly stepsBefore?: number | undefined;
  /** Steps that the schedule of the learning rate is laid out over. A whole number from 1. Default: `stepsBefore` + `steps`. */
  readonly scheduleSteps?: number | undefined;
  /** Passes over all training data, instead of `steps`. A number above 0. */
  readonly epochs?: number | undefined;
  /** Decay of the momentum of matrices that `muon` moves. A number from 0 to below 1. Default: 0.95. */
  readonly momentum?: number | undefined;
  /** Decoupled weight decay. A number from 0. */
  readonly weightDecay?: number | undefined;
  /** Largest norm of the gradient. A number above 0. */
  readonly clipNorm?: number | undefined;
  /** Share of the tokens that the layers between the first and the last do not see. A number from 0 to below 1. Default: 0. */
  readonly dropTokens?: number | undefined;
  /** Share of the sequences that skip the last layer, less of those before. A number from 0 to below 1. Default: 0. */
  readonly dropLayers?: number | undefined;
  /** Names of parameters that stay as they are; `*` stands for any part of a name. For a grown model also `old`, the entries that come from its source, or `new`, all others. */
  readonly freeze?: readonly string[] | undefined;
  /** Peak of the schedule for entries of a grown model that are new: not the first copy of one of its source. A number above 0. Default: `learningRate`. */
  readonly newLearningRate?: number | undefined;
  /** Steps over which the learning rate of new entries rises from zero, whatever the schedule of the old ones. A whole number from 1. Default: that of all. */
  readonly newWarmup?: number | undefined;
  /** Write the optimiser's moments beside the trained weights too, for a growth or a training to take over: 8 bytes a parameter. Default: false. */
  readonly saveMoments?: boolean | undefined;
  /** Names of parameters without weight decay, beside biases and norms. */
  readonly undecayed?: readonly string[] | undefined;
  /** Steps between two evaluations on held-out data. A whole number from 1. Default: at the end only. */
  readonly evaluateEvery?: number | undefined;
  /** Held-out loss at or below which training ends, at an evaluation on the way. A number above 0. */
  readonly targetLoss?: number | undefined;
}

/** Settings of `resume` after the check, defaults filled in. */
export interface CheckedResumeSettings {
  readonly checkpoint: string | undefined;
  readonly to: TargetConfig | undefined;
  readonly parameters: number | undefined;
  readonly layers: string | undefined;
  readonly ties: "keep" | "untie" | undefined;
  readonly growVocabulary: string | undefined;
  readonly padVocabulary: number | undefined;
  readonly newRows: "moments" | "random" | "pieces" | undefined;
  readonly loseTokens: boolean | undefined;
  readonly newPositions: "copy" | "interpolate" | undefined;
  readonly method: "auto" | MethodName | Method | undefined;
  readonly budget: number | undefined;
  readonly trainingRate: number | undefined;
  readonly form: "target-layer" | "source-layer" | "model" | undefined;
  readonly initialDepth:
    | "stackbert"
    | "stackbert_noisy"
    | "interlace"
    | "interlace_noisy"
    | "rand"
    | "rand_softmax"
    | "zero-block"
    | undefined;
  readonly initialWidth:
    | "rand"
    | "rand_softmax"
    | "sel"
    | "sel_noisy"
    | "function-preserving"
    | undefined;
  readonly perturbation: number | undefined;
  readonly start:
    | "stack"
    | "interpolate"
    | "zero-block"
    | "net2net"
    | "fpi"
    | "aki"
    | "tile"
    | "solar"
    | "midas"
    | "tleg"
    | "bot"
    | "lemon"
    | "lossless-fresh"
    | "direct-copy"
    | "szp"
    | "sparkling"
    | undefined;
  readonly noise: number | undefined;
  readonly deviation: number | undefined;
  readonly ownDeviation: boolean | undefined;
  readonly readPower: number | undefined;
  readonly shrink: number | undefined;
  readonly newUnits: "copies" | "fresh" | undefined;
  readonly blockLayers: number | undefined;
  readonly rank: number | undefined;
  readonly redrawn: number | undefined;
  readonly unitLength: number | undefined;
  readonly layersBy: "similarity" | undefined;
  readonly operator: string | undefined;
  readonly moments: "carry" | "anew" | undefined;
  readonly evaluate: boolean | undefined;
  readonly data: readonly string[] | undefined;
  readonly objective: string | undefined;
  readonly batch: number | undefined;
  readonly sequence: number | undefined;
  readonly seed: number | undefined;
  readonly tokenizer: string | undefined;
  readonly heldOut: number | undefined;
  readonly evalData: readonly string[] | undefined;
  readonly textColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly stride: number | undefined;
  readonly skipBadRows: boolean | undefined;
  readonly dataWeights: readonly number[] | undefined;
  readonly cache: string | false | undefined;
  readonly processor: string | undefined;
  readonly augment: "none" | "plain" | "deit" | undefined;
  readonly stochasticDepth: number | undefined;
  readonly teacher: string | undefined;
  readonly steps: number | undefined;
  readonly learningRate: number | undefined;
  readonly warmup: number | undefined;
  readonly schedule: "linear" | "cosine" | "polynomial" | "constant" | "wsd" | undefined;
  readonly endLearningRate: number | undefined;
  readonly power: number | undefined;
  readonly decaySteps: number | undefined;
  readonly decayShape: "1-sqrt" | "linear" | "cosine" | undefined;
  readonly optimizer: "adamw" | "lamb" | "muon" | undefined;
  readonly beta1: number | undefined;
  readonly beta2: number | undefined;
  readonly epsilon: number | undefined;
  readonly dropout: number | "config" | undefined;
  readonly precision: "f32" | "f16" | undefined;
  readonly accumulate: number | undefined;
  readonly checkpointActivations: boolean | undefined;
  readonly rates: "relative" | "uniform" | undefined;
  readonly startDecay: number | undefined;
  readonly innerSteps: number | undefined;
  readonly engine: EngineName | undefined;
  readonly architecture: string | undefined;
  readonly dtype: "f32" | "f16" | "bf16" | undefined;
  readonly maxShardSize: number | undefined;
  readonly saveEvery: number | undefined;
  readonly saveMinutes: number | undefined;
  readonly keep: number | undefined;
  readonly teacherSteps: number | undefined;
  readonly temperature: number | undefined;
  readonly className: string | undefined;
  readonly labels: number | undefined;
  readonly stepsBefore: number | undefined;
  readonly scheduleSteps: number | undefined;
  readonly epochs: number | undefined;
  readonly momentum: number | undefined;
  readonly weightDecay: number | undefined;
  readonly clipNorm: number | undefined;
  readonly dropTokens: number | undefined;
  readonly dropLayers: number | undefined;
  readonly freeze: readonly string[] | undefined;
  readonly newLearningRate: number | undefined;
  readonly newWarmup: number | undefined;
  readonly saveMoments: boolean | undefined;
  readonly undecayed: readonly string[] | undefined;
  readonly evaluateEvery: number | undefined;
  readonly targetLoss: number | undefined;
}

/** Settings of `open`. */
export interface OpenSettings {
  /** Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`. Default: `"auto"`. */
  readonly engine?: EngineName | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `open` after the check, defaults filled in. */
export interface CheckedOpenSettings {
  readonly engine: EngineName;
  readonly architecture: string | undefined;
}

/** Settings of `push`. */
export interface PushSettings {
  /** Let everybody see a repository that is made. One that is there stays as it is. Default: `false`. */
  readonly public?: boolean | undefined;
  /** Say what would be sent, and send nothing. Default: `false`. */
  readonly dryRun?: boolean | undefined;
}

/** Settings of `push` after the check, defaults filled in. */
export interface CheckedPushSettings {
  readonly public: boolean;
  readonly dryRun: boolean;
}

/** Settings of `compare`. */
export interface CompareSettings {
  /** Folder of the run and of its result; must be missing or empty. */
  readonly out?: string | undefined;
  /** Seeds. A list, each a whole number from 0. Default: those of the recipe. */
  readonly seeds?: readonly number[] | undefined;
  /** Part of the runs to do: the k-th of n, such as 2/4. */
  readonly shard?: string | undefined;
  /** Train the sources and stop. Default: `false`. */
  readonly sourcesOnly?: boolean | undefined;
  /** Run nothing; gather what is there. Default: `false`. */
  readonly reportOnly?: boolean | undefined;
  /** Say what the comparison will take and stop; nothing is written. Default: `false`. */
  readonly estimate?: boolean | undefined;
  /** Keep the checkpoints of all methods and seeds. Default: `false`. */
  readonly keepModels?: boolean | undefined;
  /** Go on with what `out` holds already. Default: `false`. */
  readonly resume?: boolean | undefined;
  /** Results of the same comparison from elsewhere (its `results.json`): runs that they hold are not run again. */
  readonly known?: string | readonly string[] | undefined;
  /** Architecture package, or path of one. Default: found by the checkpoint's `model_type`. */
  readonly architecture?: string | undefined;
}

/** Settings of `compare` after the check, defaults filled in. */
export interface CheckedCompareSettings {
  readonly out: string | undefined;
  readonly seeds: readonly number[] | undefined;
  readonly shard: Shard | undefined;
  readonly sourcesOnly: boolean;
  readonly reportOnly: boolean;
  readonly estimate: boolean;
  readonly keepModels: boolean;
  readonly resume: boolean;
  readonly known: readonly string[] | undefined;
  readonly architecture: string | undefined;
}

/** Settings of `board`. */
export interface BoardSettings {
  /** Address that the page is served on; another than the default shows the runs to whoever reaches it. Default: `"127.0.0.1"`. */
  readonly host?: string | undefined;
  /** Port that the page is served on; 0 for any. A whole number from 0 to 65535. Default: 5210, or the next one that is free. */
  readonly port?: number | undefined;
}

/** Settings of `board` after the check, defaults filled in. */
export interface CheckedBoardSettings {
  readonly host: string;
  readonly port: number | undefined;
}

import { Command, Option } from "commander";
import type { CommandIo } from "./terminal/command-io.js";
import type { CompareFlags } from "./commands/compare.js";
import type { EvalFlags } from "./commands/eval.js";
import type { ForwardFlags } from "./commands/forward.js";
import type { GrowFlags } from "./commands/grow.js";
import type { InspectFlags } from "./commands/inspect.js";
import type { PlanFlags } from "./commands/plan.js";
import type { ResumeFlags } from "./commands/run-flags.js";
import type { TrainFlags } from "./commands/train.js";
import type { VerifyFlags } from "./commands/verify.js";
import {
  GROW_DEFAULTS,
  describeMethods,
  GROW_METHODS,
  OPTIMIZATION_DEFAULTS,
  RUN_DEFAULTS,
  TRAIN_DEFAULTS,
  readVersion,
} from "@ligo/sdk";
import {
  dropoutChance,
  engineName,
  heldOutAmount,
  nonNegativeNumber,
  positiveInteger,
  positiveNumber,
  positiveNumbers,
  shard,
  share,
  wholeNumber,
  wholeNumbers,
} from "./terminal/parse-options.js";

const CHECKPOINT =
  "checkpoint folder, .safetensors file beside its config.json, or hub id (org/name[@revision])";
const DATA = "files, folders, globs, hf://datasets/org/name[@revision][/path]";
const OUT_HELP = "folder of the run, and of what comes out; must be missing or empty";
const AUGMENTATIONS = ["none", "plain", "deit"];
const FORMS = ["target-layer", "source-layer", "model"];
const RATES = ["relative", "uniform"];
const ACCUMULATE_HELP = "parts an update's batch is taken in, to save memory";
const CHECKPOINTING_HELP = "compute activations anew in the backward pass, to save memory";
const SCHEDULES = ["linear", "cosine", "polynomial", "constant"];
const OPTIMIZERS = ["adamw", "lamb"];
const RATES_HELP = "width maps learn at the rate / old size, or all tensors at the rate";
const DEPTHS = [
  "stackbert",
  "stackbert_noisy",
  "interlace",
  "interlace_noisy",
  "rand",
  "rand_softmax",
  "zero-block",
];
const WIDTHS = ["rand", "rand_softmax", "sel", "sel_noisy", "function-preserving"];

/** The command line. Nothing of a command is loaded before it is run. */
export function createProgram(io: CommandIo): Command {
  const program = new Command("ligo")
    .description("Grow pretrained transformers: learn a large model's weights from a small one's.")
    .version(readVersion())
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(ligo help <command> lists its options)");
  addPlan(program, io);
  addGrow(program, io);
  addTrain(program, io);
  addEval(program, io);
  addForward(program, io);
  addVerify(program, io);
  addInspect(program, io);
  addCompare(program, io);
  return program;
}

function addPlan(program: Command, io: CommandIo): void {
  program
    .command("plan")
    .description("say what would be grown, from headers only; writes nothing")
    .argument("<checkpoint>", CHECKPOINT)
    .addOption(targetOption())
    .addOption(tiesOption())
    .addOption(choice("--form <form>", "form of the operator", FORMS, GROW_DEFAULTS.form))
    .option("--batch <n>", "sequences of a step", positiveInteger, GROW_DEFAULTS.batch)
    .option("--seq <n>", "tokens of a sequence", positiveInteger, GROW_DEFAULTS.sequence)
    .addOption(architectureOption())
    .addOption(jsonOption())
    .action(async (checkpoint: string, flags: PlanFlags) =>
      (await import("./commands/plan.js")).plan(checkpoint, flags, io),
    );
}

function addGrow(program: Command, io: CommandIo): void {
  const { steps, batch, accumulate, sequence, learningRate, warmup, seed, heldOut } = GROW_DEFAULTS;
  const command = program
    .command("grow")
    .description("grow a checkpoint and write the grown one")
    .usage(
      "<checkpoint> --to <config> --out <folder> [options]\n       ligo grow --resume <folder>",
    )
    .argument("[checkpoint]", CHECKPOINT)
    .addOption(targetOption().makeOptionMandatory(false))
    .option("--out <folder>", OUT_HELP)
    .addOption(
      choice("--method <name>", "how to grow", Object.keys(GROW_METHODS), GROW_DEFAULTS.method),
    )
    .option("--data <paths...>", `what to learn from: ${DATA}`)
    .addOption(evalDataOption())
    .addOption(objectiveOption())
    .option("--operator <file>", "apply this operator.safetensors instead of learning one")
    .option("--steps <n>", "steps of learning; 0 for the start as it is", wholeNumber, steps)
    .option("--batch <n>", "sequences or images of an update", positiveInteger, batch)
    .option("--accumulate <n>", ACCUMULATE_HELP, positiveInteger, accumulate)
    .option("--checkpoint-activations", CHECKPOINTING_HELP)
    .option("--seq <n>", "tokens of a sequence, at most the model's", positiveInteger, sequence)
    .option("--lr <x>", "peak learning rate", positiveNumber, learningRate)
    .option("--warmup <n>", "steps over which the learning rate rises", wholeNumber, warmup)
    .option("--seed <n>", "seed of everything random", wholeNumber, seed)
    .addOption(choice("--rates <name>", RATES_HELP, RATES, GROW_DEFAULTS.rates))
    .addOption(choice("--form <form>", "form of the operator", FORMS, GROW_DEFAULTS.form))
    .addOption(choice("--init-depth <name>", "start of depth", DEPTHS, GROW_DEFAULTS.initialDepth))
    .addOption(choice("--init-width <name>", "start of width", WIDTHS, GROW_DEFAULTS.initialWidth))
    .option(
      "--perturbation <x>",
      "deviation of what is added to new units' weights after learning (default: the target's initializer_range)",
      nonNegativeNumber,
    )
    .option("--rank <n>", "terms of mango's operator", positiveInteger, GROW_DEFAULTS.rank)
    .addOption(tiesOption())
    .option(
      "--held-out <x>",
      "held out: a share, or a number of blocks of text or images",
      heldOutAmount,
      heldOut,
    )
    .option("--no-eval", "do not measure losses on held-out data")
    .addHelpText("after", `\n${describeMethods()}`);
  addOptimizationOptions(command, GROW_DEFAULTS.dropout);
  addTextOptions(command);
  addImageOptions(command);
  addSaveOptions(command);
  addRunOptions(command)
    .addOption(dtypeOption())
    .action(async (checkpoint: string | undefined, flags: GrowFlags) => {
      const used = usedFlags(command, checkpoint, flags, ["to", "out"]);
      return (await import("./commands/grow.js")).grow(checkpoint, used, io);
    });
}

function addTrain(program: Command, io: CommandIo): void {
  const { steps, stepsBefore, batch, accumulate, sequence, learningRate, weightDecay, clipNorm } =
    TRAIN_DEFAULTS;
  const { seed, heldOut } = TRAIN_DEFAULTS;
  const command = program
    .command("train")
    .description("train a checkpoint on, or a new model from its config.json")
    .usage(
      "<checkpoint> --data <paths...> --out <folder> [options]\n       ligo train --resume <folder>",
    )
    .argument("[checkpoint]", `${CHECKPOINT}; or a config.json, to train from scratch`)
    .option("--data <paths...>", `what to learn from: ${DATA}`)
    .addOption(evalDataOption())
    .addOption(objectiveOption())
    .option(
      "--class <name>",
      "class to train, such as BertForSequenceClassification (default: its own)",
    )
    .option(
      "--labels <n>",
      "labels of its head, 1 for a number (default: those of the data)",
      positiveInteger,
    )
    .option("--out <folder>", OUT_HELP)
    .option("--steps <n>", "steps of training", positiveInteger, steps)
    .option(
      "--steps-before <n>",
      "steps trained before by other runs, which data, dropout and learning rate go on from",
      wholeNumber,
      stepsBefore,
    )
    .option(
      "--schedule-steps <n>",
      "steps the learning rate is laid out over (default: those before and those of this run)",
      positiveInteger,
    )
    .addOption(
      new Option("--epochs <x>", "instead of --steps: how often all training data are seen")
        .argParser(positiveNumber)
        .conflicts("steps"),
    )
    .option("--batch <n>", "sequences or images of an update", positiveInteger, batch)
    .option("--accumulate <n>", ACCUMULATE_HELP, positiveInteger, accumulate)
    .option("--checkpoint-activations", CHECKPOINTING_HELP)
    .option("--seq <n>", "tokens of a sequence, at most the model's", positiveInteger, sequence)
    .option("--lr <x>", "peak learning rate", positiveNumber, learningRate)
    .option(
      "--warmup <n>",
      "steps the learning rate rises (default: a tenth of the schedule's)",
      wholeNumber,
    )
    .option("--weight-decay <x>", "decoupled weight decay", nonNegativeNumber, weightDecay)
    .option("--clip <x>", "largest norm of the gradient", positiveNumber, clipNorm)
    .option(
      "--drop-tokens <x>",
      "share of the tokens that the layers between the first and the last do not see",
      share,
    )
    .option(
      "--drop-layers <x>",
      "share of the sequences that skip the last layer, less of those before",
      share,
    )
    .option("--freeze <names...>", "parameters that stay as they are; * for any part of a name")
    .option("--undecayed <names...>", "parameters without weight decay, beside biases and norms")
    .option(
      "--teacher-steps <n>",
      "of text: steps over which the teacher's share in the loss falls to 0 (default: 0.44 of the schedule's)",
      positiveInteger,
    )
    .option(
      "--temperature <x>",
      "what the answers of teacher and student are softened by (default: 2; of images, 3)",
      positiveNumber,
    )
    .option("--eval-every <n>", "evaluate on held-out data every n steps", positiveInteger)
    .option("--target-loss <x>", "end at the first evaluation at or below x", positiveNumber)
    .option("--seed <n>", "seed of everything random", wholeNumber, seed)
    .option(
      "--held-out <x>",
      "held out: a share, or a number of blocks of text or images",
      heldOutAmount,
      heldOut,
    );
  addOptimizationOptions(command, TRAIN_DEFAULTS.dropout);
  addTextOptions(command);
  addImageOptions(command);
  addSaveOptions(command);
  addRunOptions(command)
    .addOption(dtypeOption())
    .action(async (checkpoint: string | undefined, flags: TrainFlags) => {
      const used = usedFlags(command, checkpoint, flags, ["data", "out"]);
      return (await import("./commands/train.js")).train(checkpoint, used, io);
    });
}

function addEval(program: Command, io: CommandIo): void {
  const { batch, sequence, seed, heldOut } = TRAIN_DEFAULTS;
  const command = program
    .command("eval")
    .description("loss, perplexity and accuracy on data")
    .argument("<checkpoint>", CHECKPOINT)
    .requiredOption("--data <paths...>", `what to judge by: ${DATA}`)
    .addOption(objectiveOption())
    .option("--predictions <file>", "of questions: file to write the answers to, by their ids")
    .option("--all", "judge by all of the data, not only what train and grow hold out")
    .option("--batch <n>", "sequences or images of a batch", positiveInteger, batch)
    .option("--seq <n>", "tokens of a sequence, at most the model's", positiveInteger, sequence)
    .option("--seed <n>", "seed of everything random", wholeNumber, seed)
    .option(
      "--held-out <x>",
      "held out: a share, or a number of blocks of text or images",
      heldOutAmount,
      heldOut,
    );
  addTextOptions(command);
  addRunOptions(command).action(async (checkpoint: string, flags: EvalFlags) =>
    (await import("./commands/eval.js")).evaluate(checkpoint, flags, io),
  );
}

function addForward(program: Command, io: CommandIo): void {
  program
    .command("forward")
    .description("write logits (and loss) for given inputs, to compare with other frameworks")
    .argument("<checkpoint>", CHECKPOINT)
    .requiredOption("--inputs <file>", "safetensors with input_ids or pixel_values, labels, ...")
    .requiredOption("--output <file>", "safetensors to write; must be missing")
    .addOption(engineOption())
    .addOption(architectureOption())
    .addOption(jsonOption())
    .action(async (checkpoint: string, flags: ForwardFlags) =>
      (await import("./commands/forward.js")).forward(checkpoint, flags, io),
    );
}

function addVerify(program: Command, io: CommandIo): void {
  const command = program
    .command("verify")
    .description("say whether growth kept the function, how far, and why not")
    .argument("<small>", CHECKPOINT)
    .argument("<grown>", CHECKPOINT)
    .option("--inputs <file>", "safetensors with input_ids, pixel_values, ... (default: random)")
    .option("--data <paths...>", `measure both losses on these ${DATA}`)
    .addOption(objectiveOption());
  addTextOptions(command)
    .addOption(tokenizerOption())
    .option("--tolerance <x>", "difference of logits to let pass", positiveNumber, 1e-5)
    .option("--seed <n>", "seed of the random inputs", wholeNumber, 0)
    .option("--strict", "exit with 2 where the function changed")
    .addOption(engineOption())
    .addOption(architectureOption())
    .addOption(jsonOption())
    .action(async (small: string, grown: string, flags: VerifyFlags) =>
      (await import("./commands/verify.js")).verify(small, grown, flags, io),
    );
}

function addInspect(program: Command, io: CommandIo): void {
  program
    .command("inspect")
    .description(
      "say how a checkpoint is laid out, or draft a layout where its architecture is not known",
    )
    .argument("<checkpoint>", CHECKPOINT)
    .option("--draft", "draft a layout from headers and config even where one is known")
    .addOption(architectureOption())
    .addOption(jsonOption())
    .action(async (checkpoint: string, flags: InspectFlags) =>
      (await import("./commands/inspect.js")).inspect(checkpoint, flags, io),
    );
}

function addCompare(program: Command, io: CommandIo): void {
  program
    .command("compare")
    .description("compare methods of growing: the same source, target, data and budget for all")
    .argument("<recipe>", "JSON file that says what is compared")
    .option("--out <folder>", "folder for results and report; must be missing or empty")
    .option("--seeds <n...>", "seeds, instead of those of the recipe", wholeNumbers)
    .option("--shard <k/n>", "run the k-th of n parts only, such as 2/4", shard)
    .option("--sources-only", "train the sources and stop")
    .option("--report-only", "run nothing; gather what is there")
    .option("--estimate", "say what it will take and stop; writes nothing")
    .option("--keep-models", "keep the checkpoints of all methods and seeds")
    .option("--resume", "go on with what --out holds already")
    .addOption(jsonOption())
    .option("--quiet", "say nothing but errors")
    .action(async (recipe: string, flags: CompareFlags) =>
      (await import("./commands/compare.js")).compare(recipe, flags, io),
    );
}

/** Options of learning from text. */
function addTextOptions(command: Command): Command {
  return command
    .option(
      "--text-column <name>",
      "of tables: column of the texts (default: text); of pairs two, as in a,b (default: those of GLUE)",
    )
    .option("--label-column <name>", "of tables: column of the labels (default: that of GLUE)")
    .option(
      "--stride <n>",
      "of questions: tokens that two windows of a long text have in common (default: a third of --seq)",
      wholeNumber,
    )
    .option("--skip-bad-rows", "of text: leave out rows that cannot be used, and say how many")
    .option(
      "--data-weights <x...>",
      "of text: one weight for each path of --data, to draw from them in proportion",
      positiveNumbers,
    )
    .option(
      "--cache <folder>",
      "of text: where tokens are kept (default: LIGO_CACHE, else ligo in the user's cache folder)",
    )
    .option("--no-cache", "of text: keep tokens in memory only");
}

/** Options of learning from images. */
function addImageOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--augment <name>",
        "of images: none, crop and flip, or what DeiT does (mixing, erasing, smoothed labels too)",
      )
        .choices(AUGMENTATIONS)
        .default("plain"),
    )
    .option("--stochastic-depth <x>", "of images: chance of leaving out the last layer", share)
    .option(
      "--teacher <checkpoint>",
      "model to learn from: an image classifier (hard-distillation); train: a language model too",
    );
}

/** Options of how the numbers that are learned move. */
function addOptimizationOptions(command: Command, dropout: number | "config"): Command {
  const { schedule, endLearningRate, power, optimizer, beta1, beta2, epsilon } =
    OPTIMIZATION_DEFAULTS;
  return command
    .option(
      "--dropout <x>",
      "chance of dropping a number, or config's rates",
      dropoutChance,
      dropout,
    )
    .addOption(choice("--schedule <name>", "how the rate falls", SCHEDULES, schedule))
    .option("--end-lr <x>", "learning rate at the end", nonNegativeNumber, endLearningRate)
    .option("--power <x>", "of the polynomial schedule", positiveNumber, power)
    .addOption(choice("--optimizer <name>", "how gradients are used", OPTIMIZERS, optimizer))
    .option("--beta1 <x>", "decay of the first moment", share, beta1)
    .option("--beta2 <x>", "decay of the second moment", share, beta2)
    .option("--epsilon <x>", "added to the root of the second moment", positiveNumber, epsilon);
}

/** Options of runs that can be stopped and resumed. */
function addSaveOptions(command: Command): Command {
  const { keep, saveMinutes } = RUN_DEFAULTS;
  return command
    .option("--save-every <n>", "save a checkpoint every n steps", positiveInteger)
    .option(
      "--save-minutes <x>",
      `save one after x minutes, 0 for never (default: ${saveMinutes}, or 0 with --save-every)`,
      nonNegativeNumber,
    )
    .option(
      "--keep <n>",
      `checkpoints that stay: the last n, and the best by held-out loss (default: ${keep})`,
      positiveInteger,
    )
    .addOption(
      new Option(
        "--resume <folder>",
        "go on with a run that was stopped; its settings come from its folder",
      ).conflicts("out"),
    );
}

/**
 * The flags a command is run with: to resume, only those that were given. Fails as commander does where something that is
 * needed was not.
 */
function usedFlags<Flags extends object>(
  command: Command,
  checkpoint: string | undefined,
  flags: Flags,
  needed: readonly string[],
): Flags | ResumeFlags<Flags> {
  if ("resume" in flags) {
    const given = Object.entries(flags).filter(
      ([name]) => command.getOptionValueSource(name) !== "default",
    );
    return Object.fromEntries(given) as ResumeFlags<Flags>;
  }
  if (checkpoint === undefined) command.error("error: missing required argument 'checkpoint'");
  for (const name of needed) {
    const option = command.options.find((one) => one.attributeName() === name);
    if (!(name in flags)) command.error(`error: required option '${option?.flags}' not specified`);
  }
  return flags;
}

/** Options of every command that runs for long. */
function addRunOptions(command: Command): Command {
  return command
    .addOption(tokenizerOption())
    .option("--processor <path>", "folder, preprocessor_config.json or hub id (default: likewise)")
    .addOption(engineOption())
    .addOption(architectureOption())
    .addOption(jsonOption())
    .option("--quiet", "say nothing but errors");
}

function choice(flags: string, text: string, choices: readonly string[], value: string): Option {
  return new Option(flags, text).choices(choices).default(value);
}

function targetOption(): Option {
  return new Option(
    "--to <config>",
    "config.json or hub id to grow to, or the keys to change as a JSON file or inline",
  ).makeOptionMandatory();
}

function tiesOption(): Option {
  return choice("--ties <policy>", "tied weights of the source", ["keep", "untie"], "keep");
}

function tokenizerOption(): Option {
  return new Option(
    "--tokenizer <path>",
    "folder, tokenizer.json or hub id (default: beside the checkpoint)",
  );
}

function objectiveOption(): Option {
  return new Option(
    "--objective <name>",
    "what to learn, of a class that can learn several things (default: what the class is for)",
  );
}

function evalDataOption(): Option {
  return new Option(
    "--eval-data <paths...>",
    "what to judge by, instead of what is held out of --data",
  ).conflicts("heldOut");
}

function engineOption(): Option {
  return new Option(
    "--engine <name>",
    "what computes: auto (a GPU through TensorFlow if there is one, else onnx), onnx, onnx:<provider> (cuda, webgpu, ...), tensorflow, tensorflow:cpu, reference",
  )
    .argParser(engineName)
    .default("auto");
}

function dtypeOption(): Option {
  return new Option("--dtype <dtype>", "of the written weights (default: the source's)").choices([
    "f32",
    "f16",
    "bf16",
  ]);
}

function architectureOption(): Option {
  return new Option("--architecture <package>", "architecture package or path to use");
}

function jsonOption(): Option {
  return new Option("--json", "print one JSON object to stdout");
}

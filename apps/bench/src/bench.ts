import { join } from "node:path";
import { parseArgs } from "node:util";
import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import { readConfig, writeFileAtomically } from "@ligo/checkpoint";
import {
  compareMethods,
  comparisonReport,
  downstreamTable,
  estimateComparison,
  lossTable,
  otherDataTable,
  parseShard,
  readDownstream,
  readResults,
  referenceOf,
  savingsTable,
  SHARD_SYNTAX,
  sourceTable,
  summarize,
  type CompareEvent,
  type Comparison,
  type Shard,
} from "@ligo/compare";
import { LigoError, type Architecture } from "@ligo/core";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { formatSeconds, renderReport } from "@ligo/report";
import { roberta } from "@ligo/roberta";
import { InterruptedError } from "@ligo/sdk";
import { defaultsOf, trainSettings } from "@ligo/sdk/settings";
import { vit } from "@ligo/vit";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { experimentInputs, renamedClasses } from "./experiment-inputs.js";
import type { Experiment, ExperimentInputs, FinishedSource } from "./experiments/experiment.js";
import { EXPERIMENTS } from "./experiments/index.js";
import { FINISHED } from "./experiments/finished.js";
import { SCALES, type Scale } from "./experiments/scales.js";
import { recordOf } from "./record-results.js";
import { slurmScript } from "./slurm.js";
import { versions } from "./versions.js";

const ARCHITECTURES: readonly Architecture[] = [bert, roberta, gpt2, llama, vit, deit, cait];

const HELP = `The paper's experiments, and growth of finished checkpoints.

npm run bench -- <experiment> --data <path>... [options]

  --data <path>       text files or folders; of images a folder with a folder for each class (repeatable)
  --scale <name>      ${SCALES.join(", ")} (default mini)
  --seeds <n>         how many (default: 3 of the main experiments, 1 of the others)
  --tuning <path>     text or images that the rate of every row is chosen on, of three: the experiment's, its half, its double
                      (repeatable; of images one folder, of as many other classes); seeds that are reported are then
                      10, 11, ..., and those of tuning 0, 1, ...
  --tuning-seeds <n>  how many (default 2)
  --checkpoint <path> of real-*: the finished source, a folder with its tokenizer
  --evaluation <name>=<path>  other text that every model is judged by at the end (repeatable)
  --methods <names>   rows to run, by comma (default: all)
  --tokenizer <path>  of text: folder of a tokenizer (default: word pieces made from the text)
  --downstream <file> tasks that all that was trained is fine-tuned on, as \`downstream\` of \`ligo compare\`
  --out <folder>      default runs/<experiment>-<scale>
  --resume            go on with what is there: cells that are done are not run again
  --known <file>      recorded results of the same experiment: cells that they hold are not run again (repeatable)
  --shard <k/n>       run the k-th of n parts of the cells
  --sources           train the sources and stop
  --report            run nothing; gather what is there
  --record <file>     write results there too, without paths of this machine
  --estimate          say what it will take and stop
  --slurm <n>         print a Slurm script that runs it as an array of n jobs, and stop

Experiments:
${[...EXPERIMENTS, ...FINISHED].map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join("\n")}
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Flags of the command line. */
interface Flags {
  readonly data?: string[];
  readonly scale: string;
  readonly seeds?: string;
  readonly tuning?: string[];
  readonly "tuning-seeds": string;
  readonly checkpoint?: string;
  readonly evaluation?: string[];
  readonly methods?: string;
  readonly tokenizer?: string;
  readonly downstream?: string;
  readonly out?: string;
  readonly resume: boolean;
  readonly known?: string[];
  readonly shard?: string;
  readonly sources: boolean;
  readonly report: boolean;
  readonly estimate: boolean;
  readonly slurm?: string;
  readonly record?: string;
}

/** A whole number from 1. Throws a RangeError. */
function count(text: string, flag: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`--${flag} takes a whole number from 1, not ${text}.`);
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard !== undefined) return shard;
  throw new RangeError(`--shard takes ${SHARD_SYNTAX}, not ${text}.`);
}

function methodsOf(all: Comparison["methods"], names: string | undefined): Comparison["methods"] {
  if (names === undefined) return all;
  const asked = names.split(/,(?! )/u);
  for (const name of asked) {
    if (all.some((row) => row.name === name)) continue;
    throw new RangeError(
      `--methods names "${name}"; the rows are ${all.map((row) => row.name).join(",")}`,
    );
  }
  // savings are measured against scratch
  return all.filter(({ name }) => name === "scratch" || asked.includes(name));
}

/** Other text to judge by: `<name>=<path>`. */
function evaluationOf(given: readonly string[] | undefined): Pick<Comparison, "evaluation"> {
  if (given === undefined) return {};
  return {
    evaluation: given.map((text) => {
      const [, name = "", path = ""] = /^([\w.-]+)=(.+)$/u.exec(text) ?? [];
      if (name === "") throw new RangeError(`--evaluation takes <name>=<path>, not ${text}.`);
      return { name, data: [callerPath(path)], heldOut: OTHER_HELD_OUT };
    }),
  };
}

/** Where seeds that are reported begin, if others choose the rates. */
const FIRST_REPORTED = 10;

/** Data that rates are chosen on. Images of other classes get the names of those that are reported. */
async function tuningData(
  { tuning = [] }: Flags,
  { classes }: ExperimentInputs,
  out: string,
): Promise<readonly string[]> {
  const paths = tuning.map(callerPath);
  if (classes === undefined) return paths;
  const [folder, ...more] = paths;
  if (folder === undefined) return [];
  if (more.length > 0) throw new RangeError("--tuning takes one folder of images.");
  return [await renamedClasses(folder, classes, out)];
}

/** The rates that a row chooses from, and what they are chosen on. */
function tuningOf(
  { learningRate }: Comparison["training"],
  flags: Flags,
  data: readonly string[],
): Pick<Comparison, "rates" | "tuningSeeds" | "tuningData"> {
  if (data.length === 0) return {};
  const peak = learningRate ?? defaultsOf(trainSettings, "learningRate").learningRate;
  return {
    rates: [peak / 2, peak, 2 * peak],
    tuningSeeds: seedsFrom(0, count(flags["tuning-seeds"], "tuning-seeds")),
    tuningData: data,
  };
}

function withoutRate({
  learningRate: _rate,
  ...training
}: Comparison["training"]): Comparison["training"] {
  return training;
}

const seedsFrom = (first: number, length: number): number[] =>
  Array.from({ length }, (_, index) => first + index);

async function checkpointOf(
  { fromCheckpoint, name }: Experiment,
  { checkpoint }: Flags,
): Promise<FinishedSource | undefined> {
  if (checkpoint === undefined && fromCheckpoint === true)
    throw new RangeError(`${name} grows a finished source: give --checkpoint <folder>.`);
  if (checkpoint === undefined) return undefined;
  if (fromCheckpoint !== true)
    throw new RangeError(`${name} trains its source: --checkpoint is of real-* alone.`);
  const folder = callerPath(checkpoint);
  return { folder, config: await readConfig(join(folder, "config.json")) };
}

/** Says where a bench stands: sources and cells. */
function tell(event: CompareEvent): void {
  if (event.type === "known") say(`${event.runs} of ${event.of} known runs are taken over`);
  if (event.type === "source") {
    say(`\nsource, seed ${event.seed}${event.waits === true ? ": waits for another part" : ""}`);
  }
  if (event.type === "cell") {
    say(`\n[${event.index}/${event.of}] ${event.method}, seed ${event.seed}`);
  }
  if (event.type === "cell-done") {
    const { diverged, losses, seconds } = event;
    const end =
      losses === undefined
        ? (diverged ?? "diverged")
        : `held-out loss ${losses.start.toFixed(3)} to ${losses.end.toFixed(3)}`;
    say(`${end}, ${formatSeconds(seconds)}`);
  }
}

async function run(experiment: Experiment, scale: Scale, flags: Flags): Promise<void> {
  const data = (flags.data ?? []).map(callerPath);
  const { fromCheckpoint, heldOut = HELD_OUT } = experiment;
  const name = fromCheckpoint === true ? experiment.name : `${experiment.name}-${scale}`;
  const out = callerPath(flags.out ?? join("runs", name));
  const inputs = await experimentInputs({
    experiment,
    scale,
    data,
    tokenizer: flags.tokenizer === undefined ? undefined : callerPath(flags.tokenizer),
    checkpoint: await checkpointOf(experiment, flags),
    out: `${out}-inputs`,
    say,
  });
  const scaled = experiment.comparison(scale, inputs);
  const tried = await tuningData(flags, inputs, `${out}-inputs`);
  const tuning = tuningOf(scaled.training, flags, tried);
  const seeds = flags.seeds === undefined ? experiment.seeds : count(flags.seeds, "seeds");
  const comparison: Comparison = {
    title: fromCheckpoint === true ? experiment.title : `${experiment.title}, ${scale}`,
    ...scaled,
    ...tuning,
    // where rates are chosen nothing else gives one
    training: tuning.rates === undefined ? scaled.training : withoutRate(scaled.training),
    ...evaluationOf(flags.evaluation),
    data,
    ...(inputs.tokenizer === undefined ? {} : { tokenizer: inputs.tokenizer.folder }),
    heldOut,
    seeds: seedsFrom(tuning.rates === undefined ? 0 : FIRST_REPORTED, seeds),
    methods: methodsOf(scaled.methods, flags.methods),
    ...(flags.downstream === undefined
      ? {}
      : { downstream: await readDownstream(callerPath(flags.downstream)) }),
  };
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}.`)));
  }
  const watchers = {
    architectures: ARCHITECTURES,
    onEvent: tell,
    signal: stop.signal,
  };
  if (flags.estimate) {
    printEstimate(await estimateComparison(comparison, watchers));
    return;
  }
  const only = flags.report ? "report" : flags.sources ? "sources" : "cells";
  const results = await compareMethods({
    ...watchers,
    comparison,
    out,
    only,
    resume: flags.resume || flags.report,
    known: await Promise.all((flags.known ?? []).map((file) => readResults(callerPath(file)))),
    ...(flags.shard === undefined ? {} : { shard: shardOf(flags.shard) }),
  });
  const summaries = summarize(results);
  const { notes, published } = experiment;
  const report = comparisonReport(results, summaries, { notes, published });
  await writeFileAtomically(join(out, "report.html"), renderReport(report));
  if (flags.record !== undefined) {
    await writeFileAtomically(callerPath(flags.record), recordOf(results, versions()));
  }
  say(`\n${report.headline}`);
  const told = { published, reference: referenceOf(comparison) };
  const tables = [
    lossTable(summaries, told),
    sourceTable(summaries, told),
    savingsTable(summaries, told),
    otherDataTable(summaries),
    downstreamTable(summaries),
  ];
  for (const line of tables.flat()) say(line.join(" | "));
  say(`${join(out, "report.html")}, ${join(out, "results.json")}`);
}

/** Blocks of text, or images, that all models are judged by. */
const HELD_OUT = 512;

/** Blocks of other text that they are judged by too. */
const OTHER_HELD_OUT = 48;

function printEstimate({
  flops,
  rows,
  sourceFlops,
}: Awaited<ReturnType<typeof estimateComparison>>): void {
  const peta = (value: number): string => `${(value / 1e15).toPrecision(3)} PFLOP`;
  for (const { growthFlops, judgingFlops, name, seeds, trainingFlops } of rows) {
    const parts = `${peta(growthFlops)} to grow + ${peta(trainingFlops)} to train + ${peta(judgingFlops)} to evaluate`;
    say(`${name}: ${seeds} x (${parts})`);
  }
  say(`a source: ${peta(sourceFlops)}; in all: ${peta(flops)}`);
  const days = (rate: number): string => (flops / rate / 86_400).toPrecision(3);
  say(
    `at 250 GFLOP/s (two cores): ${days(250e9)} days; at 200 TFLOP/s (a large GPU): ${days(200e12)} days`,
  );
}

endWithReader();
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string", multiple: true },
    scale: { type: "string", default: "mini" },
    seeds: { type: "string" },
    tuning: { type: "string", multiple: true },
    "tuning-seeds": { type: "string", default: "2" },
    checkpoint: { type: "string" },
    evaluation: { type: "string", multiple: true },
    methods: { type: "string" },
    tokenizer: { type: "string" },
    downstream: { type: "string" },
    out: { type: "string" },
    resume: { type: "boolean", default: false },
    known: { type: "string", multiple: true },
    shard: { type: "string" },
    sources: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    estimate: { type: "boolean", default: false },
    slurm: { type: "string" },
    record: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const experiment = [...EXPERIMENTS, ...FINISHED].find(({ name }) => name === positionals[0]);
const scale = SCALES.find((name) => name === values.scale);
if (values.help || !experiment || !scale || !values.data) {
  (values.help ? process.stdout : process.stderr).write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    if (values.slurm === undefined) await run(experiment, scale, values);
    else process.stdout.write(slurmScript(experiment.name, values, count(values.slurm, "slurm")));
  } catch (error) {
    if (!LigoError.isInstance(error) && !(error instanceof RangeError)) throw error;
    say(error.message);
    process.exitCode = InterruptedError.isInstance(error) ? 130 : 2;
  }
}

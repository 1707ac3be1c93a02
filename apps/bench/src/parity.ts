import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "@ligo/sdk/models";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { compareCurves, stepTimes, type CurveDifference } from "./parity-compare.js";
import { PARITY, PARITY_CASES, type ParityCase } from "./parity-recipe.js";
import {
  heldOutLoss,
  prepareCase,
  trainOurs,
  trainTheirs,
  type PreparedCase,
} from "./run-parity.js";
import { versions } from "./versions.js";

const HELP = `Train the same models with ligo and with PyTorch, on the same batches, and compare.

npm run parity -w apps/bench -- --python <python> [--text <file>]... [--images <folder>]... [options]

  --python      an interpreter with torch, transformers and safetensors
  --text        text to learn from: files, folders, globs
  --images      images to learn from: folders of class folders, CIFAR-10 binaries, parquet
  --tokenizers  folder with a folder per tokenizer: bert-wordpiece-4096, gpt2-bpe-4096
  --only        case to run (repeatable): ${PARITY_CASES.map(({ name }) => name).join(", ")}
  --losses      compare the losses of ${PARITY.steps} steps
  --twice       also train in PyTorch with its other attention, which rounds differently
  --times <n>   time blocks of n steps, ligo and PyTorch in turn
  --rounds      blocks of each side (default: 2)
  --threads     threads of PyTorch (default: as many as there are cores)
  --results     folder of the raw results (default: apps/bench/results/parity)
  --work        folder for models and batches, kept and used again (default: a temporary one)
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const inRepository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Adds what was found to the results of a case. */
async function addResult(file: string, found: Readonly<Record<string, unknown>>): Promise<void> {
  const known = existsSync(file)
    ? (JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>)
    : {};
  await writeFile(file, `${JSON.stringify({ ...known, ...found })}\n`);
}

async function compareLosses(prepared: PreparedCase, file: string, twice: boolean): Promise<void> {
  const { recipe } = prepared;
  const [flags = []] = Object.values(recipe.peers);
  const ours = await trainOurs(prepared, PARITY.steps);
  const theirs = await trainTheirs(prepared, PARITY.steps, flags, true);
  // the same in PyTorch's other attention: what rounding alone does to a training
  const again = twice
    ? await trainTheirs(prepared, PARITY.steps, [...flags, "--attention", "eager"])
    : undefined;
  const differences = {
    torch: compareCurves(ours, theirs),
    ...(again ? { torchWithItself: compareCurves(again, theirs) } : {}),
  };
  const heldOut = {
    ours: await heldOutLoss(prepared, "ours"),
    theirs: await heldOutLoss(prepared, "theirs"),
  };
  await addResult(file, {
    case: recipe,
    settings: PARITY,
    machine: describeMachine(),
    versions: { ...versions(), ...theirs.versions },
    differences,
    heldOut,
    losses: { ours: ours.losses, torch: theirs.losses, torchEager: again?.losses },
    gradientNorms: { ours: ours.gradientNorms, torch: theirs.gradientNorms },
  });
  say(`${recipe.name}: ${describe(differences.torch)}`);
  if (differences.torchWithItself) {
    say(`  PyTorch with itself: ${describe(differences.torchWithItself)}`);
  }
  say(`  held out ${heldOut.ours.toFixed(4)} and ${heldOut.theirs.toFixed(4)}`);
}

function describe({ first, firstTen, largest, end }: CurveDifference): string {
  const [one, ten, all] = [first, firstTen, largest].map((value) => value.toExponential(1));
  return `losses ${one} apart at the first step, ${ten} in the first ten, ${all} in all; means of the last fifty ${end.toExponential(1)}`;
}

async function compareTimes(
  prepared: PreparedCase,
  file: string,
  steps: number,
  rounds: number,
): Promise<void> {
  const { recipe, threads } = prepared;
  const ours: (readonly number[])[] = [];
  const theirs = new Map<string, (readonly number[])[]>();
  for (let round = 0; round < rounds; round++) {
    ours.push((await trainOurs(prepared, steps)).seconds);
    for (const [name, flags] of Object.entries(recipe.peers)) {
      const block = (await trainTheirs(prepared, steps, flags)).seconds;
      theirs.set(name, [...(theirs.get(name) ?? []), block]);
    }
  }
  const own = stepTimes(ours);
  const peers = [...theirs].map(([name, blocks]) => ({ name, ...stepTimes(blocks), blocks }));
  await addResult(file, {
    times: { machine: describeMachine(), threads, ours: { ...own, blocks: ours }, peers },
  });
  const show = (one: { best: number; median: number }): string =>
    `${one.best.toFixed(3)} s best, ${one.median.toFixed(3)} s median`;
  say(`${recipe.name}: ${show(own)}`);
  for (const peer of peers) {
    const ratio = (own.median / peer.median).toFixed(2);
    say(`  PyTorch, ${peer.name}: ${show(peer)}; ratio of medians ${ratio}`);
  }
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      python: { type: "string" },
      text: { type: "string", multiple: true, default: [] },
      images: { type: "string", multiple: true, default: [] },
      tokenizers: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      losses: { type: "boolean", default: false },
      twice: { type: "boolean", default: false },
      times: { type: "string" },
      rounds: { type: "string", default: "2" },
      threads: { type: "string", default: String(cpus().length) },
      results: { type: "string" },
      work: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { python } = flags;
  if (flags.help || python === undefined) {
    (flags.help ? process.stdout : process.stderr).write(HELP);
    process.exitCode = flags.help ? 0 : 2;
    return;
  }
  const results =
    flags.results === undefined
      ? inRepository("apps/bench/results/parity")
      : callerPath(flags.results);
  const work =
    flags.work === undefined
      ? await mkdtemp(join(tmpdir(), "ligo-parity-"))
      : callerPath(flags.work);
  await mkdir(results, { recursive: true });
  const data = { text: flags.text.map(callerPath), images: flags.images.map(callerPath) };
  const isChosen = ({ name, data: kind }: ParityCase): boolean =>
    data[kind].length > 0 && (flags.only.length === 0 || flags.only.includes(name));
  for (const recipe of PARITY_CASES.filter(isChosen)) {
    const prepared: PreparedCase = {
      folder: join(work, recipe.name),
      recipe,
      data: data[recipe.data],
      python,
      threads: Number(flags.threads),
    };
    await prepareCase(
      prepared,
      flags.tokenizers === undefined ? undefined : callerPath(flags.tokenizers),
    );
    const file = join(results, `${recipe.name}.json`);
    if (flags.losses) await compareLosses(prepared, file, flags.twice);
    if (flags.times !== undefined)
      await compareTimes(prepared, file, Number(flags.times), Number(flags.rounds));
  }
}

endWithReader();
await main();

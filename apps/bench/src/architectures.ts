import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bert } from "@ligo/bert";
import { LigoError } from "@ligo/core";
import { deit } from "@ligo/deit";
import { dinov2 } from "@ligo/dinov2";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { qwen3 } from "@ligo/qwen";
import { roberta } from "@ligo/roberta";
import { vit } from "@ligo/vit";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { ARCHITECTURES, type ArchitectureRecipe } from "./architectures-recipe.js";
import { architecturesPage } from "./architectures-table.js";
import { runArchitecture, type ArchitectureResult } from "./run-architecture.js";

const HELP = `Grow a small model of every architecture on real data, and write the table of losses.

npm run architectures -w apps/bench -- [--text <file>]... [--images <folder>]... [options]

  --text        text to learn from: files, folders, globs
  --images      images to learn from: folders of class folders, CIFAR-10 binaries, parquet
  --tokenizers  folder with a folder per architecture (bert, roberta-..., gpt2-...) that holds a tokenizer.json
                (default: WordPiece, made from the text)
  --only        architecture to run (repeatable; default: all that there is data for)
  --steps       steps of training the small models (default: those of the recipe)
  --results     folder of the raw results; what is there already is kept (default: apps/bench/results/architectures)
  --page        Markdown file to write (default: docs/research/architectures.md)
  --work        folder for the models (default: a temporary one)
  --seed        seed of everything random (default: 0)
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const inRepository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      text: { type: "string", multiple: true, default: [] },
      images: { type: "string", multiple: true, default: [] },
      tokenizers: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      steps: { type: "string" },
      results: { type: "string" },
      page: { type: "string" },
      work: { type: "string" },
      seed: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) {
    say(HELP);
    return;
  }
  const results =
    flags.results === undefined
      ? inRepository("apps/bench/results/architectures")
      : callerPath(flags.results);
  const data = {
    text: flags.text.map(callerPath),
    images: flags.images.map(callerPath),
  };
  const work =
    flags.work === undefined
      ? await mkdtemp(join(tmpdir(), "ligo-architectures-"))
      : callerPath(flags.work);
  const steps = flags.steps === undefined ? undefined : wholeNumber("--steps", flags.steps);
  await mkdir(results, { recursive: true });
  for (const recipe of chosen(flags.only)) {
    const file = join(results, `${recipe.name}.json`);
    if (existsSync(file) || data[recipe.data].length === 0) continue;
    const result = await runArchitecture({
      recipe: steps === undefined ? recipe : { ...recipe, training: { ...recipe.training, steps } },
      architectures: [bert, roberta, gpt2, llama, qwen3, vit, deit, dinov2],
      data: data[recipe.data],
      tokenizers: flags.tokenizers === undefined ? undefined : callerPath(flags.tokenizers),
      work,
      seed: wholeNumber("--seed", flags.seed),
      say,
    });
    await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
    const { losses } = result;
    say(
      `${recipe.name}: ${losses.small.toFixed(4)} small, ${losses.stack.toFixed(4)} by stacking, ${losses.ligo.toFixed(4)} by LiGO`,
    );
  }
  const page =
    flags.page === undefined
      ? inRepository("docs/research/architectures.md")
      : callerPath(flags.page);
  await writeFile(page, architecturesPage(await readResults(results), COMMAND));
  say(`Wrote ${page}.`);
}

const COMMAND =
  "npm run architectures -w apps/bench -- --text <file>... --images <folder>... --tokenizers <folder>";

function chosen(names: readonly string[]): readonly ArchitectureRecipe[] {
  for (const name of names) {
    if (ARCHITECTURES.some((recipe) => recipe.name === name)) continue;
    const known = ARCHITECTURES.map((recipe) => recipe.name).join(", ");
    throw new LigoError("bench/unknown-architecture", `--only is ${name}; choose of ${known}.`);
  }
  return ARCHITECTURES.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function readResults(folder: string): Promise<readonly ArchitectureResult[]> {
  const files = ARCHITECTURES.map(({ name }) => join(folder, `${name}.json`)).filter(existsSync);
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(file, "utf8")) as ArchitectureResult),
  );
}

function wholeNumber(flag: string, value: string): number {
  if (/^\d+$/u.test(value)) return Number(value);
  throw new LigoError("bench/bad-number", `${flag} is ${value}; give a whole number.`);
}

endWithReader();
try {
  await main();
} catch (error) {
  const wrongFlags =
    error instanceof TypeError &&
    "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!LigoError.isInstance(error) && !wrongFlags) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "@ligo/core";
import { loadTokenizer, writeTokenizer } from "@ligo/data";
import { grow, train, verify, type GrownModel, type GrowSettings } from "@ligo/sdk";
import { describeMachine } from "@ligo/sdk/models";
import { SEQUENCE, type ArchitectureRecipe } from "./architectures-recipe.js";
import { makeTokenizer } from "./make-tokenizer.js";

/** A row of the table: one architecture, grown. Losses are on the same held-out data. */
export interface ArchitectureResult {
  readonly architecture: string;
  readonly class: string;
  /** Objective of training, and objective of the losses. */
  readonly objective: string;
  readonly judged_by: string;
  /** Names of the data, without their folders. */
  readonly data: readonly string[];
  readonly small: { readonly config: object; readonly parameters: number; readonly steps: number };
  readonly large: { readonly changes: object; readonly parameters: number };
  readonly losses: {
    readonly small: number;
    readonly stack: number;
    /** LiGO before its first step. */
    readonly start: number;
    readonly ligo: number;
  };
  readonly growth_steps: number;
  /** Verdict of `ligo verify` on stacking. */
  readonly stacked: { readonly verdict: string; readonly reasons: readonly string[] };
  readonly seconds: { readonly training: number; readonly stack: number; readonly ligo: number };
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

export interface RunArchitectureOptions {
  readonly recipe: ArchitectureRecipe;
  readonly architectures: readonly Architecture[];
  /** Text files, or folders of images. */
  readonly data: readonly string[];
  /** Folder of tokenizer folders, `<name>` or `<name>-...`. Default: WordPiece made from the text. */
  readonly tokenizers?: string | undefined;
  /** Folder for the models. */
  readonly work: string;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Size of a vocabulary that is made on the spot. */
const VOCABULARY = 4096;
const HELD_OUT = 0.05;

/** Trains a small model from scratch, grows it by stacking and by LiGO, and judges all three on held-out data. */
export async function runArchitecture(
  options: RunArchitectureOptions,
): Promise<ArchitectureResult> {
  const { architectures, data, recipe, say, seed, work } = options;
  const { growth, training } = recipe;
  const folder = join(work, recipe.name);
  // leftovers of a run that was cut short
  await rm(folder, { recursive: true, force: true });
  const config = await writeConfig(folder, options);
  const teacher =
    recipe.teacher === undefined ? {} : { teacher: join(work, recipe.teacher, "small") };
  const shared = {
    data,
    // images have no sequences
    ...(recipe.data === "text" && { sequence: SEQUENCE }),
    heldOut: HELD_OUT,
    seed,
    architectures,
    ...teacher,
  };
  say(`${recipe.name}: training a small model for ${training.steps} steps ...`);
  const small = join(folder, "small");
  const trained = await train(join(folder, "config.json"), {
    ...shared,
    ...training,
    dropout: 0,
    out: small,
  });
  const growBy = async (
    method: "stack" | "ligo",
    learning: Pick<GrowSettings, "steps">,
  ): Promise<[GrownModel, number]> => {
    say(`${recipe.name}: growing by ${method} ...`);
    const started = performance.now();
    const out = join(folder, method);
    const { batch } = growth;
    const grown = await grow(small, {
      ...shared,
      ...learning,
      batch,
      to: recipe.large,
      method,
      out,
    });
    return [grown, (performance.now() - started) / 1000];
  };
  const [stack, stackSeconds] = await growBy("stack", {});
  const [ligo, ligoSeconds] = await growBy("ligo", { steps: growth.steps });
  const { verdict, reasons } = await verify(small, join(folder, "stack"), { architectures });
  return {
    architecture: recipe.name,
    class: (config["architectures"] as readonly string[])[0] ?? "",
    objective: trained.objective,
    judged_by: trained.judgedBy,
    data: data.map((path) => path.replace(/.*[/\\](?=.)/u, "")),
    small: { config, parameters: trained.parameters, steps: trained.steps },
    large: { changes: recipe.large, parameters: ligo.parameters.target },
    losses: {
      small: lossOf(ligo, "small"),
      stack: lossOf(stack, "grown"),
      start: lossOf(ligo, "start"),
      ligo: lossOf(ligo, "grown"),
    },
    growth_steps: growth.steps,
    stacked: { verdict, reasons },
    seconds: {
      training: Object.values(trained.seconds).reduce((sum, value) => sum + value, 0),
      stack: stackSeconds,
      ligo: ligoSeconds,
    },
    machine: describeMachine(),
    versions: { node: process.version },
  };
}

function lossOf({ losses }: GrownModel, of: "small" | "start" | "grown"): number {
  const loss = losses[of];
  if (loss === undefined) throw new Error(`No loss of ${of} was measured.`);
  return loss;
}

/** The folder `<name>` or `<name>-...` among the tokenizers. */
async function findTokenizer(
  name: string,
  tokenizers: string | undefined,
): Promise<string | undefined> {
  if (tokenizers === undefined) return undefined;
  const folders = (await readdir(tokenizers)).toSorted();
  const found = folders.find((folder) => folder === name || folder.startsWith(`${name}-`));
  return found === undefined ? undefined : join(tokenizers, found);
}

/** Writes the small model's `config.json`, for text with a tokenizer beside it. */
async function writeConfig(
  folder: string,
  { data, recipe, tokenizers }: RunArchitectureOptions,
): Promise<Readonly<Record<string, unknown>>> {
  await mkdir(folder, { recursive: true });
  let config: Readonly<Record<string, unknown>> = recipe.small;
  if (recipe.data === "text") {
    const ready = await findTokenizer(recipe.tokenizer ?? recipe.name, tokenizers);
    if (ready !== undefined) {
      for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
        await writeFile(join(folder, name), await readFile(join(ready, name)));
      }
    } else {
      await writeTokenizer(await makeTokenizer(data, VOCABULARY), folder);
    }
    const { special, vocabularySize } = await loadTokenizer(folder, { requireMask: false });
    config = { ...config, vocab_size: vocabularySize };
    if (special.pad !== undefined) config = { ...config, pad_token_id: special.pad };
  }
  await writeFile(join(folder, "config.json"), `${JSON.stringify(config, undefined, 2)}\n`);
  return config;
}

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { createRandom } from "@ligo/core";
import { TINY_CONFIG, tinyConfig, tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../__fixtures__/run-ligo.js";
import {
  buildLigo,
  buildShim,
  ligoProcess,
  removeBuilt,
  type Ended,
  type Moment,
} from "./__fixtures__/kills.js";
import { checkpointsOf } from "./__fixtures__/tiny-runs.js";
import { treeOf } from "./__fixtures__/tree.js";

/** How often runs are killed, all together; the script of the root does it more often. */
const KILLS = Number(
  process.env["LIGO_KILLS"] ?? (process.env["npm_lifecycle_event"] === "kill-test" ? 50 : 5),
);
/** Decides the moments; another one every time unless it is given. */
const SEED = Number(process.env["LIGO_KILLS_SEED"] ?? Date.now() % 1_000_000);
/** A file that gets a line for every kill. */
const LOG = process.env["LIGO_KILLS_LOG"];

/** Whether processes can be killed in their operations on the disk; elsewhere only at some time. */
let hasShim: boolean;

beforeAll(async () => {
  await buildLigo();
  hasShim = buildShim();
}, 60_000);

afterAll(removeBuilt);

/** A command that is killed and goes on, again and again. */
interface Chain {
  readonly name: string;
  readonly by: "operation" | "milliseconds";
  /** Words that begin in a folder that is not there. */
  readonly begin: (out: string) => readonly string[];
  /** Words that go on in one that is there; without them such a folder is the whole result. */
  readonly goOn?: (out: string) => readonly string[];
  /** Words that may be there or not. */
  readonly sometimes?: string;
  /** The whole tree, where these words are not there. */
  readonly without?: (tree: Tree) => Tree;
}

type Tree = Readonly<Record<string, string>>;

/** A chain with the results of its command when nothing disturbs it. */
interface Undisturbed {
  readonly ended: Ended;
  readonly tree: Tree;
  /** Every checkpoint of the run. */
  readonly checkpoints: ReturnType<typeof checkpointsOf>;
}

async function undisturbed(
  { begin, goOn, name, sometimes }: Chain,
  folder: string,
): Promise<Undisturbed> {
  const out = join(folder, "whole");
  const more = sometimes === undefined ? [] : [sometimes];
  const ended = await ligoProcess([...begin(out), ...more], { folder });
  expect(ended, name).toMatchObject({ code: 0 });
  const tree = treeOf(out);
  rmSync(out, { recursive: true });
  if (goOn === undefined || sometimes !== undefined) return { ended, tree, checkpoints: {} };
  const all = await ligoProcess([...begin(out), "--keep", "100"], { folder });
  expect(all, name).toMatchObject({ code: 0 });
  const checkpoints = checkpointsOf(out);
  expect(Object.keys(checkpoints), name).toHaveLength(10);
  rmSync(out, { recursive: true });
  return { ended, tree, checkpoints };
}

/** Checkpoints that are there are those of the undisturbed run, none of which was lost; returns the newest of them. */
function checkCheckpoints(
  out: string,
  { checkpoints }: Undisturbed,
  newest: number,
  words: string,
): number {
  const left = checkpointsOf(out);
  for (const [name, hashes] of Object.entries(left)) {
    expect(hashes, `${words} ${name}`).toEqual(checkpoints[name]);
  }
  const last = Math.max(0, ...Object.keys(left).map((name) => Number(name.split("-")[1])));
  expect(last, words).toBeGreaterThanOrEqual(newest);
  return last;
}

/** Kills a command and goes on until it is done, as often as it says; returns how often it was killed. */
async function killAndResume(
  chain: Chain,
  kills: number,
  folder: string,
  seed: number,
): Promise<number> {
  const whole = await undisturbed(chain, folder);
  const random = createRandom(seed);
  const by = hasShim ? chain.by : "milliseconds";
  // in its first third a process loads its code; times are measured again as the machine becomes more or less busy
  let [earliest, latest] = [0, whole.ended.operations];
  const measure = (milliseconds: number): void => {
    if (by === "milliseconds") [earliest, latest] = [milliseconds / 3, milliseconds];
  };
  measure(whole.ended.milliseconds);
  let killed = 0;
  for (let run = 0; killed < kills; run++) {
    const out = join(folder, `killed-${run}`);
    const all = random.integer(2) === 0 ? chain.sometimes : undefined;
    const more = all === undefined ? [] : [all];
    let newest = 0;
    for (let done = false; !done;) {
      const at = 1 + Math.floor(earliest) + random.integer(Math.ceil(latest - earliest));
      const moment: Moment | undefined = killed < kills ? { by, at } : undefined;
      const words = JSON.stringify({ chain: chain.name, seed: SEED, run, moment });
      const isThere = existsSync(out);
      if (isThere && chain.goOn === undefined) break;
      const argv = isThere && chain.goOn ? chain.goOn(out) : chain.begin(out);
      const ended = await ligoProcess([...argv, ...more], { folder, moment });
      if (ended.signal === "SIGKILL") {
        killed += 1;
        if (LOG !== undefined) appendFileSync(LOG, `${words}\n`);
      } else expect(ended, words).toMatchObject({ code: 0 });
      // a machine that has become less busy is quicker than any kill
      if (ended.signal === null && moment !== undefined) measure(ended.milliseconds);
      done = ended.signal === null;
      newest = checkCheckpoints(out, whole, newest, words);
    }
    const tree = all === undefined ? (chain.without?.(whole.tree) ?? whole.tree) : whole.tree;
    const place = `${chain.name}, seed ${SEED}, run ${run}`;
    expect(treeOf(out), place).toEqual(tree);
    // nothing is left beside it either
    expect(readdirSync(folder), place).toEqual([basename(out)]);
    rmSync(out, { recursive: true });
  }
  return killed;
}

/** Everything but what is below a folder. */
const withoutBelow =
  (folder: string) =>
  (tree: Tree): Tree =>
    Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith(`${folder}/`)));

/** The chains of all commands that write folders. */
async function chainsIn(root: string): Promise<readonly Chain[]> {
  const { checkpoint, text } = await tinyModel(join(root, "small"));
  const long = ["--data", text, "--steps", "40", "--batch", "4", "--save-every", "4"];
  const run = (by: Chain["by"], name: string, ...argv: readonly string[]): Chain => ({
    name,
    by,
    begin: (out) => [...argv, ...long, "--out", out],
    goOn: (out) => [argv[0] ?? "", "--resume", out],
  });
  const start = await tinyConfig(join(root, "start"));
  const recipe = join(root, "recipe.json");
  const training = { batch: 8, learning_rate: 1e-2, warmup: 1, evaluate_every: 2 };
  const comparison = {
    source: { config: TINY_CONFIG, training: { ...training, steps: 4 } },
    to: JSON.parse(TINY_TARGET) as unknown,
    data: [start.text],
    tokenizer: join(root, "start"),
    training: { ...training, steps: 5 },
    growth: { steps: 2, warmup: 1 },
    methods: ["stack", "ligo"],
  };
  writeFileSync(recipe, JSON.stringify(comparison));
  return [
    run("operation", "train", "train", checkpoint, "--eval-every", "6"),
    run(
      "milliseconds",
      "train, timed",
      "train",
      checkpoint,
      "--accumulate",
      "2",
      "--precision",
      "f16",
    ),
    run("operation", "grow by ligo", "grow", checkpoint, "--to", TINY_TARGET, "--no-eval"),
    {
      name: "grow by stack",
      by: "operation",
      begin: (out) => ["grow", checkpoint, "--to", TINY_TARGET, "--method", "stack", "--out", out],
    },
    {
      name: "compare",
      by: "operation",
      begin: (out) => ["compare", recipe, "--out", out],
      goOn: (out) => ["compare", recipe, "--out", out, "--resume"],
      sometimes: "--keep-models",
      without: withoutBelow("work"),
    },
  ];
}

describe("commands that are killed at random moments", () => {
  const timeout = 60_000 * (KILLS + 6);
  it(`end as if they had never been: ${KILLS} kills`, { timeout }, async () => {
    const root = temporaryFolder();
    const chains = await chainsIn(root);
    const killed = await Promise.all(
      chains.map(async (chain, index) => {
        const folder = join(root, `chain-${index}`);
        mkdirSync(folder);
        return killAndResume(chain, Math.ceil(KILLS / chains.length), folder, SEED + index);
      }),
    );
    expect(killed.reduce((sum, kills) => sum + kills, 0)).toBeGreaterThanOrEqual(KILLS);
  });
});

describe("a run that is asked to stop", () => {
  /** A long training, and how it ends. */
  async function train(options: Omit<Parameters<typeof ligoProcess>[1], "folder">, steps: number) {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "a run");
    const argv = ["train", checkpoint, "--data", text, "--batch", "4", "--out", out];
    const ended = await ligoProcess([...argv, "--steps", String(steps)], { folder, ...options });
    return { ended, out };
  }
  const words = "train 100/1000";

  it.each([["SIGINT"], ["SIGTERM"], ["SIGHUP"], ["SIGHUP", "SIGHUP", "SIGTERM"]] as const)(
    "by %s saves and says how to go on",
    async (...signals) => {
      const { ended, out } = await train({ moment: { by: "words", words, signals } }, 1000);
      expect(ended).toMatchObject({ signal: null, code: 130 });
      const [, step] = /Interrupted\. Step (\d+) is saved\. Go on with:/.exec(ended.said) ?? [];
      expect(ended.said).toContain(`\n  ligo train --resume '${out}'\n`);
      expect(Object.keys(checkpointsOf(out))).toEqual([`step-${step}`]);
      expect(existsSync(join(out, "run.lock"))).toBe(false);
    },
  );

  it("by a hangup goes on where nohup started it", async () => {
    const moment = { by: "words", words: "train 10/100", signals: ["SIGHUP"] } as const;
    const { ended, out } = await train({ moment, env: { _: "/usr/bin/nohup" } }, 100);
    expect(ended).toMatchObject({ signal: null, code: 0 });
    expect(existsSync(join(out, "ligo.json"))).toBe(true);
  });

  it("by nobody goes on when the reader of its messages leaves", async () => {
    const { ended, out } = await train({ stderr: "reader that leaves" }, 40);
    expect(ended).toMatchObject({ signal: null, code: 0 });
    expect(existsSync(join(out, "ligo.json"))).toBe(true);
  });

  it.runIf(existsSync("/dev/full"))("by nobody goes on when its log is full", async () => {
    const file = openSync("/dev/full", "w");
    try {
      const { ended, out } = await train({ stderr: { file } }, 40);
      expect(ended).toMatchObject({ signal: null, code: 0 });
      expect(existsSync(join(out, "ligo.json"))).toBe(true);
    } finally {
      closeSync(file);
    }
  });
});

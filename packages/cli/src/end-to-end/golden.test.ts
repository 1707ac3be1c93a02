import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import { methods } from "@ligo/core";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { describeSettings, growSettings } from "@ligo/sdk/settings";
import { vit } from "@ligo/vit";
import { expect, it } from "vitest";
import { ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel } from "@ligo/vitest/tiny-model";

// Everything `ligo` wrote and printed for these commands before its rooms were moved: weights and operators by their hashes,
// records, recipes and results in full. `LIGO_GOLDEN=write` writes the file anew. Numbers that masked language modelling decides
// (weights, operators, losses, gradients, operations, positions) were frozen again when its masks came to be drawn a block, with
// `judged`, the part of the data that a loss is of; nothing else of these commands was. Numbers of learning and training by it, and
// the operations of a plan, were frozen a third time when the last layer came to work on labelled positions alone: dropout draws
// fewer masks there, and products with fewer rows may be formed in another order. Estimated operations of BERT were frozen again when
// the estimate came to know that too, and nothing else. Recipes of trainings list settings that came later.

const GOLDEN = fileURLToPath(new URL("../__fixtures__/golden.json", import.meta.url));
const isWriting = process.env["LIGO_GOLDEN"] === "write";

type Json = Readonly<Record<string, unknown>>;

/** What a command left: hashes of binary files, JSON files and the result on stdout without what varies. */
interface Left {
  readonly files: Readonly<Record<string, unknown>>;
  readonly result: unknown;
}

const hashOf = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** Keys whose values depend on the machine, the day or the version. */
const VARYING = /^(seconds|peak_memory_bytes|versions|sha256|seconds_left|\w+_per_second)$/u;

/** Keys of records that came later, and are not among these: which entries are the source's. */
const LATER = /^old$/u;

/** JSON without what varies; paths are told from the folder. */
function steady(value: unknown, folder: string): unknown {
  if (typeof value === "string") return value.replaceAll(folder, "<folder>");
  if (Array.isArray(value)) return value.map((one) => steady(one, folder));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !VARYING.test(key) && !LATER.test(key));
  return Object.fromEntries(
    entries.map(([key, one]) => [
      key,
      // what each tensor is made of is long
      key === "tensors" ? hashOf(JSON.stringify(one)) : steady(one, folder),
    ]),
  );
}

function leftIn(out: string, folder: string): Readonly<Record<string, unknown>> {
  const files = existsSync(out) ? readdirSync(out, { withFileTypes: true }) : [];
  return Object.fromEntries(
    files
      .filter((entry) => entry.isFile() && !entry.name.startsWith("events.out."))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name }): [string, unknown] => {
        const bytes = readFileSync(join(out, name));
        if (name === "ligo.json" || name === "recipe.json" || name === "config.json")
          return [name, steady(JSON.parse(bytes.toString()), folder)];
        if (name !== "metrics.jsonl") return [name, hashOf(bytes)];
        const lines = bytes.toString().trimEnd().split("\n");
        return [name, lines.map((line) => steady(JSON.parse(line), folder))];
      }),
  );
}

const recorded = (path: string): string =>
  fileURLToPath(new URL(`../../../${path.replace("/", "/src/__fixtures__/")}`, import.meta.url));

const copies =
  "stack interpolate interlace zero-block net2net fpi aki tile lemon direct-copy random".split(" ");
const learned = "ligo ligo-depth ligo-width ligo-lossless mango".split(" ");
const WIDER =
  '{"hidden_size":24,"num_hidden_layers":3,"num_attention_heads":3,"intermediate_size":50}';
const engine = ["--engine", "reference"];
const text = ["--data", "text.txt", "--batch", "4", "--seq", "12", "--no-cache", ...engine];

/** Commands by name; `out` is where they write. */
const commands: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    copies.map((method) => [
      `bert ${method}`,
      ["grow", "bert", "--to", WIDER, "--method", method, ...engine],
    ]),
  ),
  ...Object.fromEntries(
    learned.map((method) => [
      `bert ${method}`,
      [
        "grow",
        "bert",
        "--to",
        WIDER.replace("50", "48"),
        "--method",
        method,
        "--steps",
        "2",
        // the rate that was everybody's; it is far lower now from a start that loses nothing
        ...(method === "ligo-lossless" ? ["--lr", "0.03"] : []),
        ...text,
      ],
    ]),
  ),
  "bert ligo, not learned": ["grow", "bert", "--to", WIDER, "--steps", "0", ...engine],
  "bert ligo, other starts": [
    ...'grow bert --to {"num_hidden_layers":4} --init-depth interlace --init-width function-preserving'.split(
      " ",
    ),
    ..."--form source-layer --perturbation 0 --rates uniform --steps 2 --lr 0.01 --warmup 1".split(
      " ",
    ),
    ..."--schedule cosine --end-lr 0.001 --optimizer lamb --beta1 0.8 --dropout config".split(" "),
    ..."--accumulate 2 --checkpoint-activations --held-out 20 --seed 5 --dtype bf16".split(" "),
    ...text,
  ],
  "bert mango of two terms": [
    ...`grow bert --to ${WIDER.replace("50", "48")} --method mango --rank 2 --steps 1`.split(" "),
    ...text,
  ],
  "gpt2 stack": [
    ..."grow gpt2 --method stack --seed 3 --dtype f16".split(" "),
    "--to",
    '{"n_embd":48,"n_head":6,"n_layer":4}',
    ...engine,
  ],
  "gpt2 lemon": [
    "grow",
    "gpt2",
    "--method",
    "lemon",
    "--to",
    '{"n_embd":40,"n_head":5}',
    ...engine,
  ],
  "vit aki": [
    ..."grow vit --method aki --to".split(" "),
    '{"num_hidden_layers":5,"intermediate_size":200}',
    ...engine,
  ],
  "deit direct-copy": [
    "grow",
    "deit",
    "--method",
    "direct-copy",
    "--to",
    '{"num_hidden_layers":5}',
    ...engine,
  ],
  "cait zero-block": ["grow", "cait", "--method", "zero-block", "--to", '{"depth":5}', ...engine],
  "train on": ["train", "bert", "--steps", "3", "--eval-every", "2", "--lr", "0.001", ...text],
  "train anew": [
    ..."train bert/config.json --steps 3 --weight-decay 0.05 --clip 0.5 --warmup 1".split(" "),
    ..."--freeze *.bias --undecayed *.dense.weight".split(" "),
    ..."--schedule-steps 9 --steps-before 2 --seed 4 --tokenizer bert".split(" "),
    ...text,
  ],
  eval: ["eval", "bert", ...text],
  "eval of all": ["eval", "bert", "--all", "--seed", "3", ...text],
  plan: ["plan", "bert", "--to", WIDER, "--batch", "8", "--seq", "16"],
  "plan of gpt2": ["plan", "gpt2", "--to", '{"n_layer":12}', "--form", "model", "--ties", "untie"],
  inspect: ["inspect", "bert"],
  "inspect, drafted": ["inspect", "gpt2", "--draft"],
  forward: [
    "forward",
    "bert",
    "--inputs",
    "inputs.safetensors",
    "--output",
    "out/logits.safetensors",
    ...engine,
  ],
};
const writes = (argv: readonly string[]): boolean => argv[0] === "grow" || argv[0] === "train";

const golden = (existsSync(GOLDEN) ? JSON.parse(readFileSync(GOLDEN, "utf8")) : {}) as Record<
  string,
  Left
>;

async function run(argv: readonly string[], folder: string): Promise<Left> {
  const here = (word: string): string =>
    [
      "bert",
      "gpt2",
      "vit",
      "deit",
      "cait",
      "text.txt",
      "inputs.safetensors",
      "bert/config.json",
      "out/logits.safetensors",
    ].includes(word)
      ? join(folder, word)
      : word;
  const words = argv.map((word, index) => (argv[index - 1] === "--method" ? word : here(word)));
  const out = join(folder, "out");
  const { code, stdout, stderr } = await ligo(
    [...words, ...(writes(argv) ? ["--out", out] : []), "--json"],
    { architectures: [bert, cait, deit, gpt2, vit] },
  );
  expect(stderr.replaceAll(/^.*\n/gmu, (line) => (line.startsWith("error") ? line : ""))).toBe("");
  expect(code).toBe(0);
  return { files: leftIn(out, folder), result: steady(JSON.parse(stdout) as Json, folder) };
}

const objectOf = (value: unknown): Json => value as Json;

/** Keys of the first object that the second lacks. */
const lacking = (one: Json, other: Json): readonly string[] =>
  Object.keys(one).filter((key) => !(key in other));

const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

/** Options of the method that a growth is by; of others none is read. */
const optionsOf = (method: unknown): readonly string[] =>
  Object.keys(methods.find(({ name }) => name === method)?.options ?? {}).map(snakeCase);

/** Defaults of growing: a setting that came later stands in a record at its default. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map(
  describeSettings(growSettings).map(({ default: value, name }) => [snakeCase(name), value]),
);

const METHOD_OPTIONS: ReadonlySet<string> = new Set(methods.flatMap(({ name }) => optionsOf(name)));

/**
 * The record of a growth with what was corrected on purpose since it was frozen: settings that nothing read are left out, the
 * record tells whether the function is kept and which sizes grew, names a model card, and holds no line for a shell. Settings that
 * came since have their defaults, or null.
 */
function correctedRecord(frozen: Json, now: Json): Json {
  const { next: _next, settings: before, ...rest } = frozen;
  const [old, used] = [objectOf(before), objectOf(now["settings"])];
  const left = lacking(old, used);
  const isLearned = "steps" in used;
  for (const name of left) {
    if (METHOD_OPTIONS.has(name)) expect(optionsOf(old["method"])).not.toContain(name);
    else expect(isLearned, `${name} is not recorded`).toBe(false);
  }
  for (const name of lacking(used, old)) {
    if (!optionsOf(old["method"]).includes(name))
      expect(used[name]).toBe(DEFAULTS.get(name) ?? null);
  }
  const settings = Object.entries(used).map(([name, value]) => [
    name,
    name in old ? old[name] : value,
  ]);
  const files = (rest["files"] as readonly string[]).filter((name) => name !== "recipe.json");
  return {
    ...rest,
    files: files.toSpliced(files.indexOf("ligo.json"), 0, "recipe.json", "README.md"),
    settings: Object.fromEntries(settings) as Json,
    sizes: expect.any(Object) as unknown,
    keeps_function: expect.any(Boolean) as unknown,
    reasons: expect.any(Array) as unknown,
  };
}

/** Spaces that had a head size and a partner as products of factors, with the scale of their inner product. */
function asProducts(spaces: Json): Json {
  return Object.fromEntries(
    Object.entries(spaces).map(([name, space]) => {
      const { pairedWith, unit, ...rest } = objectOf(space);
      if (unit === undefined) return [name, rest];
      const channels = Number(unit);
      const factors = [
        { name: "head", size: Number(rest["size"]) / channels },
        { name: "channel", size: channels },
      ];
      const pairing = {
        with: pairedWith,
        scale: expect.closeTo(1 / Math.sqrt(channels)) as unknown,
      };
      return [name, { ...rest, factors, ...(pairedWith === undefined ? {} : { pairing }) }];
    }),
  );
}

/** The draft of the recorded GPT-2, 4 heads of 8 channels, says the factors of attention too. */
function withDraftedFactors(spaces: readonly Json[]): {
  readonly attention: Json;
  readonly spaces: readonly Json[];
} {
  const space = { size: 32, grows: true, scope: "layer", unit: 8 };
  const products = asProducts({
    query: { ...space, pairedWith: "key" },
    key: space,
    value: space,
  });
  return {
    attention: {
      heads: { value: 4, expression: "config.n_head" },
      headSize: { value: 8, expression: "config.n_embd / config.n_head" },
      headNorms: false,
      spaces: products,
      open: [],
    },
    spaces: spaces.map((one) => {
      const product = products[String(one["name"])];
      return product === undefined ? one : { ...one, factors: objectOf(product)["factors"] };
    }),
  };
}

/** Rows of tables that may grow, as a layout tells them since: here of texts. */
const ROWS: Readonly<Record<string, Json>> = {
  vocab: { of: "tokens" },
  position: { of: "positions", first: 0 },
};

/** Spaces with what their rows are. */
function withRows(spaces: Json): Json {
  return Object.fromEntries(
    Object.entries(spaces).map(([name, space]) => {
      const { [name]: rows } = ROWS;
      return [name, rows === undefined ? space : { ...objectOf(space), rows }];
    }),
  );
}

/** Settings of a training that came since, by what they are where nobody gives them: a choice, or null. */
const CHOICES: Json = { precision: "f32", decay_shape: null, decay_steps: null, momentum: null };

/** Such a setting that a record holds only where it is given. */
const OF_RECIPES: Json = { max_shard_size: null };

/** A training, which tells of settings that came since. */
function withChoices(frozen: Left): Left {
  const told = ["ligo.json", "recipe.json"].map((file): [string, Json] => {
    const { settings, ...rest } = objectOf(frozen.files[file]);
    const further = file === "recipe.json" ? OF_RECIPES : {};
    return [file, { ...rest, settings: { ...objectOf(settings), ...CHOICES, ...further } }];
  });
  return { ...frozen, files: { ...frozen.files, ...Object.fromEntries(told) } };
}

/** Everything a command left before, with the corrections that were made on purpose. */
function corrected(frozen: Left, now: Left): Left {
  const record = frozen.files["ligo.json"] as Json | undefined;
  const result = objectOf(frozen.result);
  const { source } = result;
  if (typeof source === "string") {
    // the parts of a layout stand in an entry of their own
    const moved = source
      .replace('from "@ligo/core"', 'from "@ligo/core/layout"')
      // gains say what norm they belong to
      .replaceAll('initial: "ones",', 'initial: "ones", norm: "centred",');
    const draft = objectOf(result["draft"]);
    const parameters = (draft["parameters"] as readonly Json[]).map((one) =>
      one["initial"] === "ones" ? { ...one, norm: "centred" } : one,
    );
    const { attention, spaces } = withDraftedFactors(draft["spaces"] as readonly Json[]);
    return {
      ...frozen,
      result: { ...result, draft: { ...draft, attention, parameters, spaces }, source: moved },
    };
  }
  // of an inspection by name; a plan lists those that grow
  if (result["spaces"] !== undefined && !Array.isArray(result["spaces"]))
    return {
      ...frozen,
      result: { ...result, spaces: withRows(asProducts(objectOf(result["spaces"]))) },
    };
  // a plan tells of tables with other rows, of which there were none, of activations, of what fits a device, and of
  // the methods that grow it where none is named
  if (Array.isArray(result["spaces"])) {
    const memory = {
      activations: {
        kept: expect.any(Number) as unknown,
        recomputed: expect.any(Number) as unknown,
      },
      devices: expect.any(Array) as unknown,
    };
    const methodsNow = objectOf(now.result)["methods"];
    return { ...frozen, result: { ...result, rows: [], ...memory, methods: methodsNow } };
  }
  if (record?.["command"] === "train") return withChoices(frozen);
  if (record?.["command"] !== "grow") return frozen;
  const nowRecord = objectOf(now.files["ligo.json"]);
  const ligo = correctedRecord(record, nowRecord);
  const recipe = objectOf(frozen.files["recipe.json"] ?? now.files["recipe.json"]);
  const recipeSettings = objectOf(recipe["settings"]);
  const nowSettings = objectOf(objectOf(now.files["recipe.json"])["settings"]);
  const came = Object.fromEntries(
    lacking(nowSettings, recipeSettings).map((name) => [name, DEFAULTS.get(name) ?? null]),
  );
  return {
    files: {
      ...frozen.files,
      "ligo.json": ligo,
      // the card has tests of its own
      "README.md": expect.any(String) as unknown,
      // a growth that learns nothing had no recipe
      "recipe.json": { ...recipe, settings: { ...came, ...recipeSettings } },
    },
    result: {
      ...result,
      rows: [],
      files: ligo["files"],
      keeps_function: nowRecord["keeps_function"],
      reasons: nowRecord["reasons"],
      // it lost the batch and the sequence
      next: expect.stringMatching(/^ligo train <folder>\/out --data /u) as unknown,
    },
  };
}

it.each(Object.entries(commands))("%s leaves what it left before", async (name, argv) => {
  const folder = temporaryFolder();
  await tinyModel(join(folder, "bert"));
  const sources = {
    gpt2: "gpt2/gpt2-tiny",
    vit: "vit/vit-tiny",
    deit: "deit/deit-tiny",
    cait: "cait/cait-tiny",
  };
  for (const [to, from] of Object.entries(sources)) {
    for (const file of ["config.json", "model.safetensors"])
      cpSync(join(recorded(from), file), join(folder, to, file));
  }
  if (argv[0] === "forward") {
    cpSync(join(recorded("bert/bert-tiny"), "config.json"), join(folder, "bert", "config.json"));
    cpSync(
      join(recorded("bert/bert-tiny"), "model.safetensors"),
      join(folder, "bert", "model.safetensors"),
    );
    cpSync(
      join(recorded("bert/bert-tiny"), "inputs.safetensors"),
      join(folder, "inputs.safetensors"),
    );
    cpSync(join(folder, "inputs.safetensors"), join(folder, "out", "inputs.safetensors"));
  }
  const left = await run(argv, folder);
  if (isWriting) {
    golden[name] = left;
    writeFileSync(GOLDEN, `${JSON.stringify(golden, undefined, 1)}\n`);
  }
  expect(left).toEqual(corrected(golden[name] as Left, left));
});

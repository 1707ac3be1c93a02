import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { estimateComparison, readComparison } from "@ligo/compare";
import { growSettings, readRecipeFile, trainSettings } from "@ligo/sdk/settings";
import { inputOf } from "../input.js";
import { holds, type Target } from "../target.js";
import { ARCHITECTURES, TEXT, writeBert } from "./models.js";

const architectures = ARCHITECTURES;

const GROW = {
  command: "grow",
  checkpoint: "small",
  to: { num_hidden_layers: 4, hidden_size: 12 },
  method: "ligo",
  data: ["texts/a.txt", "texts/*.md"],
  steps: 10,
  batch: 4,
  learningRate: 0.02,
  warmup: 2,
  heldOut: 0.1,
  out: "large",
  saveEvery: 5,
  seed: 3,
  evaluate: true,
};

const TRAIN = {
  checkpoint: "small",
  data: "text.txt",
  steps: 20,
  learningRate: 1e-4,
  schedule: "cosine",
  evaluateEvery: 10,
  frozen: ["bert.embeddings.*"],
  cache: false,
  engine: "reference",
};

/** Some YAML by hand, as people write it. */
const yamlOf = (recipe: object): string =>
  Object.entries(recipe)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join("\n");

const BLOCK = `# grows a small model
checkpoint: small
to:
  hidden_size: 12
  num_hidden_layers: 4
method: stack
data:
  - texts/a.txt
  - texts/b.txt
out: large
`;

/** Recipes of growing and training, in JSON and YAML. */
export const recipes: Target = {
  name: "recipes",
  weight: 8,
  prepare: async () => [
    inputOf({ "grow.json": GROW }),
    inputOf({ "grow.yaml": yamlOf(GROW) }),
    inputOf({ "grow.yaml": BLOCK }),
    inputOf({ "train.json": TRAIN }),
    inputOf({ "train.yaml": yamlOf(TRAIN) }),
  ],
  open: async () => ({
    async read(folder) {
      const [name = ""] = await readdir(folder);
      const file = join(folder, name);
      const { from, settings } = name.startsWith("grow")
        ? await readRecipeFile(file, growSettings)
        : await readRecipeFile(file, trainSettings);
      return { from, settings };
    },
  }),
};

/** Set by a file of code that a recipe names, where that is run. */
const RAN = "ligoFuzzRanCode";
const CODE = `globalThis.${RAN} = true;\nexport const none = {};\n`;

/** Recipes of comparisons: they are read, and estimated where their paths are still those they had. */
export const comparisons: Target = {
  name: "comparisons",
  weight: 8,
  async prepare(material) {
    const source = await writeBert(join(material, "small"));
    const [data, code] = [join(material, "text.txt"), join(material, "code.mjs")];
    await writeFile(data, TEXT);
    await writeFile(code, CODE);
    const training = {
      batch: 4,
      sequence: 8,
      steps: 3,
      learningRate: 1e-2,
      warmup: 1,
      evaluateEvery: 1,
    };
    const recipe = {
      title: "Methods",
      source,
      to: { hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3, intermediate_size: 24 },
      data,
      cache: false,
      heldOut: 4,
      engine: "reference",
      budget: "flops",
      seeds: [0, 1],
      training,
      growth: { steps: 2, warmup: 1, rank: 2 },
      methods: [
        "stack",
        { method: "ligo", name: "learned", growth: { steps: 3 }, training: { steps: 2 } },
        {
          method: "stack",
          name: "phases",
          phases: [
            { share: 0.5, config: {} },
            { share: 0.5, config: {}, method: "stack" },
          ],
        },
      ],
    };
    return [
      inputOf({ "x.json": recipe }),
      inputOf({ "x.yaml": yamlOf(recipe) }),
      inputOf({
        "x.json": { ...recipe, architecture: code, source: { config: { model_type: "other" } } },
      }),
    ];
  },
  open: async (material) => ({
    async read(folder) {
      const [name = ""] = await readdir(folder);
      try {
        const comparison = await readComparison(join(folder, name));
        const { architecture, data, methods, source, to, tokenizer } = comparison;
        // other paths may lead anywhere on this machine
        const isKnown = (path: unknown): boolean =>
          typeof path !== "string" || path.startsWith(`${material}/`);
        const paths = [...data, source, architecture, to, tokenizer];
        if (!paths.every(isKnown)) return { methods: methods.length };
        const { flops } = await estimateComparison(comparison, { architectures });
        holds(flops >= 0 && Number.isFinite(flops), () => `${flops} operations`);
        return { methods: methods.length, flops };
      } finally {
        holds(!(RAN in globalThis), () => "code was run that a recipe names");
      }
    },
  }),
};

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe } from "vitest";
import { architectureFiles, type ArchitectureKind } from "./architecture-files.js";

// A package of each family as it is generated, with what was recorded of the family's first member in the place of TODO 6 and 7,
// passes the whole kit.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const scratch = join(root, `tooling/generator/.generated-kit-${process.pid}`);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Recorded {
  readonly kind: ArchitectureKind;
  readonly modelType: string;
  readonly className: string;
  /** Ends of the names of the classes that are generated. */
  readonly classes: readonly string[];
  /** Recorded checkpoints. */
  readonly checkpoints: readonly string[];
}

const families: readonly Recorded[] = [
  {
    kind: "encoder",
    modelType: "bert",
    className: "BertForMaskedLM",
    classes: ["ForMaskedLM", "ForQuestionAnswering", "ForSequenceClassification", "Model"],
    checkpoints: ["bert-tiny", "BertForSequenceClassification"],
  },
  {
    kind: "decoder",
    modelType: "llama",
    className: "LlamaForCausalLM",
    classes: ["ForCausalLM", "ForSequenceClassification", "Model"],
    checkpoints: ["LlamaForCausalLM", "LlamaForSequenceClassification", "LlamaModel"],
  },
  {
    kind: "vision",
    modelType: "vit",
    className: "ViTForImageClassification",
    classes: ["ForImageClassification", "Model", "ForMaskedImageModeling"],
    checkpoints: ["vit-tiny", "vit-unpooled", "vit-masked"],
  },
];

/** Writes a generated package and what was recorded; returns its test. */
function generate({ checkpoints, className, classes, kind, modelType }: Recorded): string {
  const fixtures = join(root, `packages/${modelType}/src/__fixtures__`);
  const headers = JSON.parse(readFileSync(join(fixtures, "headers.json"), "utf8")) as {
    readonly cases: readonly { readonly class: string }[];
  };
  const prefix = className.slice(0, className.indexOf("For"));
  const served = new Set(classes.map((one) => `${prefix}${one}`));
  const cases = headers.cases.filter((one) => served.has(one.class));
  const read = checkpoints.map((name) => {
    const url = pathToFileURL(`${join(fixtures, name)}/`).href;
    return `await readRecordedCheckpoint(new URL(${JSON.stringify(url)}))`;
  });
  const replaced = (path: string, text: string): string => {
    if (path.endsWith("headers.json")) return JSON.stringify({ ...headers, cases });
    if (!path.endsWith(".test.ts")) return text;
    return text
      .replace(
        "import { describeArchitecture }",
        "import { describeArchitecture, readRecordedCheckpoint }",
      )
      .replace("checkpoints: [],", `checkpoints: [${read.join(", ")}],`);
  };
  let test = "";
  for (const [path, text] of architectureFiles(
    { modelType, className, kind, place: "inside" },
    "1.2.3",
  )) {
    const file = join(scratch, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, replaced(path, text));
    if (path.endsWith(".test.ts")) test = file;
  }
  return test;
}

describe.each(families)("a generated $kind", async (family) => {
  await import(generate(family));
});

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PlopTypes } from "@turbo/gen";
import {
  architectureFiles,
  withPackage,
  type ArchitectureAnswers,
} from "../../tooling/generator/src/index.js";

/** The table of the repository that has a row for every architecture. */
const TABLE = "packages/sdk/src/models/architecture-packages.ts";

/** `turbo gen architecture`: see docs/contributing/new-architecture.md. */
export default function generator(plop: PlopTypes.NodePlopAPI): void {
  plop.setGenerator("architecture", {
    description: "A package for one more architecture",
    prompts: [
      {
        type: "input",
        name: "modelType",
        message: "model_type of its config.json (cait, gpt-neox):",
      },
      { type: "input", name: "className", message: "class to start with (BertForMaskedLM):" },
      {
        type: "list",
        name: "kind",
        message: "What is it?",
        choices: [
          { name: "encoder: of text, a relative of BERT", value: "encoder" },
          { name: "decoder: of text, a relative of Llama", value: "decoder" },
          { name: "vision: an encoder of images, a relative of ViT", value: "vision" },
          { name: "parts-pre: of no family, norms before the sublayers", value: "parts-pre" },
          { name: "parts-post: of no family, norms after the residual sums", value: "parts-post" },
        ],
      },
      {
        type: "list",
        name: "place",
        message: "Where is the package to stand?",
        choices: [
          { name: "in this repository, as @ligo/<model type>", value: "inside" },
          { name: "outside, as ligo-architecture-<model type>", value: "outside" },
        ],
      },
    ],
    actions: [(answers) => write(answers as ArchitectureAnswers, plop.getDestBasePath())],
  });
}

/** Writes the files of the package, all new, and their row in the table. Returns the text that plop prints. */
function write(answers: ArchitectureAnswers, base: string): string {
  const core = readFileSync(join(base, "packages/core/package.json"), "utf8");
  const { version } = JSON.parse(core) as { readonly version: string };
  const files = architectureFiles(answers, version);
  const taken = [...files.keys()].find((path) => existsSync(join(base, path)));
  if (taken !== undefined) throw new Error(`${taken} exists already.`);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  if (answers.place === "inside") {
    const path = join(base, TABLE);
    writeFileSync(path, withPackage(readFileSync(path, "utf8"), answers.modelType));
  }
  // the templates leave the breaking of lines to the formatter
  execFileSync("npx", ["oxfmt", ...files.keys()], { cwd: base, stdio: "ignore" });
  return [...files.keys()].join("\n");
}

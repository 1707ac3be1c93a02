import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PlopTypes } from "@turbo/gen";
import {
  architectureFiles,
  withArrow,
  withPackage,
  type ArchitectureAnswers,
} from "../../tooling/generator/src/index.js";

/** Tables of the repository that have a row for every architecture, and what adds one. */
const TABLES: readonly (readonly [file: string, add: typeof withArrow])[] = [
  ["tooling/repository/src/arrows.ts", withArrow],
  ["packages/sdk/src/models/architecture-packages.ts", withPackage],
];

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
        name: "norm",
        message: "Where do norms stand?",
        choices: [
          { name: "before the sublayers (GPT-2, ViT)", value: "pre" },
          { name: "after the residual sums (BERT)", value: "post" },
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

/** Writes the files of the package, all new, and their rows in the tables. Returns the text that plop prints. */
function write(answers: ArchitectureAnswers, base: string): string {
  const files = architectureFiles(answers);
  const taken = [...files.keys()].find((path) => existsSync(join(base, path)));
  if (taken !== undefined) throw new Error(`${taken} exists already.`);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  for (const [file, add] of answers.place === "inside" ? TABLES : []) {
    const path = join(base, file);
    writeFileSync(path, add(readFileSync(path, "utf8"), answers.modelType));
  }
  // the templates leave the breaking of lines to the formatter
  execFileSync("npx", ["oxfmt", ...files.keys()], { cwd: base, stdio: "ignore" });
  return [...files.keys()].join("\n");
}

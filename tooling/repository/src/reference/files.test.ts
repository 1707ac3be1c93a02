import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isTestFile, publicPackages, root, sourceFiles } from "../workspaces.js";

const PAGE = "docs/reference/files.md";
const NAME = /const [A-Z_]+ = "([\w.-]+\.(?:json|jsonl|safetensors|html|lock))"/gu;

it(`${PAGE} has every file that the product has a name for`, () => {
  const page = readFileSync(join(root, PAGE), "utf8");
  const names = publicPackages
    .filter(({ folder }) => folder !== "packages/testkit")
    .flatMap((workspace) =>
      sourceFiles(workspace)
        .filter((file) => !isTestFile(file))
        .flatMap((file) => [
          ...readFileSync(join(workspace.directory, file), "utf8").matchAll(NAME),
        ]),
    )
    .map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(8);
  expect([...new Set(names)].filter((name) => !page.includes(name))).toEqual([]);
});

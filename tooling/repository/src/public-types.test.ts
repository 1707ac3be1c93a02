import { describe, expect, it } from "vitest";
import { publicModules } from "./public-types.js";
import { workspaces } from "./workspaces.js";

/** Packages whose types are not ours to promise; TensorFlow.js's do not even pass a strict type check. */
const FOREIGN = /^(?:zod|@ligo\/core\/zod|@ligo\/tfjs|@tensorflow\/.*)(?:\/|$)/;

const foreignTypes = (folder: string): readonly string[] =>
  [...publicModules(`${folder}/src/index.ts`, workspaces)]
    .filter(([module]) => FOREIGN.test(module))
    .map(([module, way]) => `${module} by ${way}`);

describe("public types", () => {
  it.each([
    "sdk",
    "bert",
    "roberta",
    "gpt2",
    "vit",
    "deit",
    "cait",
    "dinov2",
    "gemma",
    "gpt-neox",
    "llama",
    "modernbert",
    "qwen",
  ])("of @ligo/%s load neither zod's nor TensorFlow.js's", (name) => {
    expect(foreignTypes(`packages/${name}`)).toEqual([]);
  });

  it("are followed through files and packages", () => {
    const modules = publicModules("packages/train/src/index.ts", workspaces);
    expect(modules.get("@ligo/core")).toMatch(/^packages\/train\/src\/index\.ts/);
    expect(modules.get("@ligo/tfjs")).toMatch(/^packages\/train\/src\/index\.ts > .+\.ts$/);
    expect(publicModules("packages/core/src/zod.ts", workspaces).get("zod")).toBe(
      "packages/core/src/zod.ts",
    );
  });
});

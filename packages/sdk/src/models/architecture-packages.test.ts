import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Architecture } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { ARCHITECTURE_PACKAGES, packageNames } from "./architecture-packages.js";

const packages = fileURLToPath(new URL("../../../", import.meta.url));
const defined = readdirSync(packages).filter((name) => {
  try {
    return readFileSync(`${packages}${name}/src/index.ts`, "utf8").includes(": Architecture<");
  } catch {
    return false;
  }
});

describe("the table of architecture packages", () => {
  it("lists every package of this repository, with the model types it says it serves", async () => {
    const served = defined.map(async (name) => {
      const exported = (await import(`${packages}${name}/src/index.ts`)) as object;
      const architectures = (Object.values(exported) as readonly Architecture[]).filter(
        (value) => typeof value === "object" && "modelTypes" in value,
      );
      return {
        package: `@ligo/${name}`,
        modelTypes: architectures.flatMap(({ modelTypes }) => modelTypes).toSorted(),
      };
    });
    expect(defined).toContain("bert");
    const listed = ARCHITECTURE_PACKAGES.map(({ modelTypes, package: name }) => ({
      package: name,
      modelTypes: modelTypes.toSorted(),
    }));
    expect(await Promise.all(served)).toEqual(listed);
  });

  it("names no model type twice", () => {
    const types = ARCHITECTURE_PACKAGES.flatMap(({ modelTypes }) => modelTypes);
    expect(new Set(types).size).toBe(types.length);
  });

  it("finds the package that serves a model type of another name", () => {
    const table = [{ package: "@ligo/llama", modelTypes: ["llama", "mistral"] }];
    expect(packageNames("mistral", table)).toEqual(["@ligo/llama", "ligo-architecture-mistral"]);
    expect(packageNames("okapi", table)).toEqual(["@ligo/okapi", "ligo-architecture-okapi"]);
  });
});

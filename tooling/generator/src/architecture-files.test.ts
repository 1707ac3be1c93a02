import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkConfig, LigoError, type Architecture } from "@ligo/core";
import {
  checks,
  formatProblems,
  problemsOf,
  type ArchitectureFixtures,
} from "@ligo/testkit/checks";
import ts from "typescript";
import { afterEach, describe, expect, it } from "vitest";
import {
  architectureFiles,
  withPackage,
  type ArchitectureAnswers,
  type ArchitectureKind,
} from "./architecture-files.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const answers: ArchitectureAnswers = {
  modelType: "gpt-toy",
  className: "GptToyModel",
  kind: "parts-pre",
  place: "inside",
};

/** Type errors of files that lie nowhere, by this repository's own settings. */
function typeErrors(files: ReadonlyMap<string, string>): readonly string[] {
  const all = new Map([...files].map(([path, text]) => [join(root, path), text]));
  const read = (path: string): string | undefined => readFileSync(path, "utf8");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), read) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const disk = ts.createCompilerHost(options);
  const folders = new Set(
    [...all.keys()].flatMap((path) => [dirname(path), dirname(dirname(path))]),
  );
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => all.has(path) || disk.fileExists(path),
    directoryExists: (path) => folders.has(path) || disk.directoryExists?.(path) === true,
    readFile: (path) => all.get(path) ?? disk.readFile(path),
    getSourceFile(path, version, ...rest) {
      const text = all.get(path);
      return text === undefined
        ? disk.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, text, version);
    },
  };
  const sources = [...all.keys()].filter((path) => path.endsWith(".ts") && path.includes("/src/"));
  const program = ts.createProgram(sources, options, host);
  return sources.flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

const scratch = join(root, `tooling/generator/.generated-${process.pid}`);
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes the files and loads the architecture they define. */
async function load(files: ReadonlyMap<string, string>, folder: string): Promise<Architecture> {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(scratch, path)), { recursive: true });
    writeFileSync(join(scratch, path), text);
  }
  const exported = (await import(join(scratch, folder, "src/index.ts"))) as Record<
    string,
    Architecture
  >;
  return Object.values(exported)[0]!;
}

describe("a new architecture in this repository", () => {
  const files = architectureFiles(answers, "1.2.3");

  it("is a package with config, layout, model, test, README and changeset", () => {
    const paths = ["package.json", "README.md", "src/config.ts", "src/layout.ts"];
    const more = [
      "src/model.ts",
      "src/index.ts",
      "src/conformance.test.ts",
      "src/__fixtures__/headers.json",
    ];
    expect([...files.keys()]).toEqual([
      ...[...paths, ...more].map((path) => `packages/gpt-toy/${path}`),
      ".changeset/gpt-toy.md",
    ]);
    expect(JSON.parse(files.get("packages/gpt-toy/package.json")!)).toMatchObject({
      name: "@ligo/gpt-toy",
      devDependencies: { "@ligo/testkit": "1.2.3" },
    });
  });

  it("grows already, and fails the kit with what is to be recorded", async () => {
    const architecture = await load(files, "packages/gpt-toy");
    expect(architecture.modelTypes).toEqual(["gpt-toy"]);
    const fixtures: ArchitectureFixtures = {
      headers: { sizes: {}, configs: {}, cases: [], headers: [] },
      checkpoints: [],
      wider: () => ({ hidden_size: 128 }),
      deeper: () => ({ num_hidden_layers: 24 }),
      sizes({ growing, fixed }) {
        const heads = growing(1, 3);
        return {
          vocab_size: fixed(2, 9),
          hidden_size: heads * growing(1, 4),
          num_hidden_layers: growing(1, 3),
          num_attention_heads: heads,
          intermediate_size: growing(1, 9),
          max_position_embeddings: fixed(2, 6),
        };
      },
    };
    const texts = new Map<string, string>();
    for (const check of checks) {
      texts.set(check.name, formatProblems(problemsOf(await check.run(architecture, fixtures))));
    }
    const passed = checks.map(({ name }) => name).filter((name) => texts.get(name) === "");
    // without declared variants of names there is none to read
    expect(passed).toEqual(["variants", "random-sizes"]);
    expect(texts.get("coverage")).toContain("tooling/fixtures/record-headers.py");
    expect(texts.get("forward-onnx")).toContain("tooling/fixtures/record-checkpoint.py");
    const config = checkConfig(architecture, { model_type: "gpt-toy" });
    expect(() => architecture.layout(config, "Other")).toThrow(LigoError);
  });

  it.each(["aaa", "gemini", "gpt-toy", "zzz"])("%s has a row in the table of packages", (name) => {
    const file = join(root, "packages/sdk/src/models/architecture-packages.ts");
    const table = readFileSync(file, "utf8");
    const after = withPackage(table, name);
    expect(after).toContain(`  { package: "@ligo/${name}", modelTypes: ["${name}"] },\n`);
    expect(after.length).toBeGreaterThan(table.length);
    expect(withPackage(after, name)).toBe(after);
    const names = [...after.matchAll(/\{ package: "(.*?)"/gu)].map(([, found]) => found);
    expect(names).toEqual(names.toSorted((one = "", other = "") => (one < other ? -1 : 1)));
    // gemma's comment stays with its row
    expect(after).toMatch(/how to take out the text model\n {2}\{ package: "@ligo\/gemma"/u);
    expect(() => withPackage("", name)).toThrow(RangeError);
  });
});

describe("a new architecture outside", () => {
  const outside = architectureFiles({ ...answers, place: "outside", kind: "parts-post" }, "1.2.3");
  const folder = "ligo-architecture-gpt-toy";

  it("is a project of its own that takes LiGO's packages as peers", () => {
    expect([...outside.keys()].every((path) => path.startsWith(`${folder}/`))).toBe(true);
    const manifest: unknown = JSON.parse(outside.get(`${folder}/package.json`)!);
    expect(manifest).toMatchObject({
      name: folder,
      exports: { ".": { default: "./dist/index.js" } },
      peerDependencies: {
        "@ligo/core": expect.any(String) as string,
        "@ligo/nn": expect.any(String) as string,
      },
      devDependencies: { "@ligo/testkit": expect.any(String) as string },
    });
    expect(outside.has(`${folder}/tsconfig.json`)).toBe(true);
    expect(outside.has(".changeset/gpt-toy.md")).toBe(false);
  });
});

const kinds: readonly (readonly [ArchitectureKind, string])[] = [
  ["encoder", "GptToyForMaskedLM"],
  ["decoder", "GptToyForCausalLM"],
  ["vision", "GptToyForImageClassification"],
  ["parts-pre", "GptToyModel"],
  ["parts-post", "GptToyModel"],
];

describe("a new architecture of any kind", () => {
  // one program over all of them, for most of its time is TensorFlow.js's declarations
  it("type-checks, inside and outside", { timeout: 180_000 }, () => {
    const all = kinds.flatMap(([kind, className]) =>
      (["inside", "outside"] as const).flatMap((place) => [
        ...architectureFiles({ modelType: `toy-${kind}`, className, kind, place }, "1.2.3"),
      ]),
    );
    expect(typeErrors(new Map(all))).toEqual([]);
  });

  it.each(kinds)("numbers what is to be filled in: %s", (kind, className) => {
    const files = architectureFiles({ ...answers, kind, className }, "1.2.3");
    const todo = [...files.values()].flatMap((text) => text.match(/TODO \d+/gu) ?? []);
    expect(todo.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `TODO ${index + 1}`));
  });
});

describe("the pages about new architectures", () => {
  const page = (path: string): string =>
    readFileSync(join(root, path), "utf8").replaceAll(/\s+/gu, " ");

  it("count the kit's checks", () => {
    const [guide, kit] = [
      page("docs/contributing/new-architecture.md"),
      page("packages/testkit/README.md"),
    ];
    expect(guide).toContain(`lists all ${checks.length} checks`);
    expect(kit).toContain(`as tests: ${checks.length} checks`);
    for (const { name } of checks) expect(kit).toContain(`\`${name}\``);
  });

  it("name every kind that the generator asks for", () => {
    const guide = page("docs/contributing/new-architecture.md");
    const generator = page("turbo/generators/config.ts");
    for (const [kind] of kinds) {
      expect(guide).toContain(`\`${kind}\``);
      expect(generator).toContain(`value: "${kind}"`);
    }
  });
});

describe("bad answers", () => {
  it.each([
    [{ kind: "rnn" as ArchitectureKind }, "is no kind: it is one of encoder, decoder, vision"],
    [{ kind: "decoder", className: "ToyForMaskedLM" } as const, "is no class of this kind"],
    [{ kind: "vision", className: "Model" } as const, "is no class of this kind"],
    [{ modelType: "GPT" }, "is no model type"],
    [{ modelType: "../evil" }, "is no model type"],
    [{ className: "my model" }, "is no class"],
  ])("refuses %j", (change, complaint) => {
    expect(() => architectureFiles({ ...answers, ...change }, "1.2.3")).toThrow(complaint);
  });
});

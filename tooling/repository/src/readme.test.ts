import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { exampleOf, notInstalled, typeErrors } from "./readme.js";
import { publicPackages, root, workspaces } from "./workspaces.js";

const readmes = publicPackages
  .map(({ directory, manifest }) => ({
    directory,
    name: manifest.name,
    path: join(directory, "README.md"),
  }))
  .filter(({ path }) => existsSync(path))
  .map((readme) => ({ ...readme, text: readFileSync(readme.path, "utf8") }));

describe("README examples", () => {
  it("type-check, with the programs of examples/", () => {
    const examples = readmes.map(
      ({ directory, text }) => [join(directory, "README.ts"), exampleOf(text)] as const,
    );
    const programs = readdirSync(join(root, "examples"))
      .filter((file) => file.endsWith(".ts"))
      .map(
        (file) =>
          [
            join(root, "examples", file),
            readFileSync(join(root, "examples", file), "utf8"),
          ] as const,
      );
    expect(programs.length).toBeGreaterThan(3);
    expect(typeErrors(new Map([...examples, ...programs]))).toEqual([]);
  });

  it.each(readmes)("of $name imports what its README installs", ({ text }) => {
    expect(notInstalled(text, workspaces)).toEqual([]);
  });

  it.each(readmes)("of $name runs", async ({ directory, text }) => {
    // The file lies in the package, where its imports resolve, and works in an empty folder.
    const file = join(directory, `.readme-example-${process.pid}.ts`);
    const home = process.cwd();
    const folder = await mkdtemp(join(tmpdir(), "ligo-readme-"));
    for (const method of ["log", "info", "warn", "error", "table"] as const) {
      vi.spyOn(console, method).mockImplementation(() => undefined);
    }
    try {
      await writeFile(file, exampleOf(text));
      process.chdir(folder);
      await import(file);
      expect(process.exitCode ?? 0, "exit code").toBe(0);
    } finally {
      process.chdir(home);
      process.exitCode = undefined;
      await rm(file, { force: true });
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("the checks themselves", () => {
  const example =
    'import { parse } from "yaml";\nimport { LigoError } from "@ligo/core";\nconst n: number = "one";\n';
  const readme = `# x\n\n\`\`\`sh\nnpm i @ligo/sdk\n\`\`\`\n\n\`\`\`ts\n${example}\`\`\`\n\n\`\`\`ts\nsecond\n\`\`\`\n`;

  it("takes the first TypeScript block", () => {
    expect(exampleOf(readme)).toBe(example);
    expect(exampleOf("```sh\nls\n```\n")).toBe("");
  });

  it("finds imports that the install line does not bring", () => {
    expect(notInstalled(readme, workspaces)).toEqual([]);
    expect(notInstalled(readme.replace("npm i @ligo/sdk", "npm i other"), workspaces)).toEqual([
      "yaml",
      "@ligo/core",
    ]);
  });

  it("finds type errors", () => {
    const [directory = ""] = publicPackages.map((workspace) => workspace.directory);
    const path = join(directory, "README.ts");
    expect(typeErrors(new Map([[path, example]]))).toEqual([
      `${path}:3 Type 'string' is not assignable to type 'number'.`,
    ]);
  });
});

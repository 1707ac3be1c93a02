import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { trainWordPiece, writeTokenizer } from "@ligo/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const inRepository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const LIGO = inRepository("packages/cli/dist/ligo.js");
const TEXT = "the cat sees the dog . the dog hears the bird .\n".repeat(300);

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: readonly string[] }[];
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** The notebook calls the command line that is built. */
describe.skipIf(!hasPython || !existsSync(LIGO))("examples/grow.ipynb", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ligo-notebook-test-"));
    cpSync(inRepository("packages/bert/src/__fixtures__/bert-tiny"), join(folder, "small"), {
      recursive: true,
    });
    await writeTokenizer(trainWordPiece([TEXT], { vocabularySize: 64 }), join(folder, "small"));
    writeFileSync(join(folder, "text.txt"), TEXT);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("runs from its first cell to its last", () => {
    const notebook = JSON.parse(
      readFileSync(inRepository("examples/grow.ipynb"), "utf8"),
    ) as Notebook;
    const code = notebook.cells
      .filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => source.join(""));
    // -S leaves out what happens to be installed: torch would be loaded
    const { status, stderr, stdout } = spawnSync("python3", ["-S", "-c", code.join("\n\n")], {
      encoding: "utf8",
      env: {
        ...process.env,
        LIGO: `'${process.execPath}' '${LIGO}'`,
        SMALL: join(folder, "small"),
        TEXT: join(folder, "text.txt"),
        OUT: join(folder, "out"),
      },
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^[\d,]+ parameters become [\d,]+$/mu);
    expect(stdout).toMatch(/^copied \['step 0: [\d.]+', 'step 10: [\d.]+', 'step 20: [\d.]+'\]$/mu);
    expect(stdout).toMatch(/^learned \['step 0:/mu);
  });
});

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCheckpoint } from "@ligo/checkpoint";
import { trainWordPiece, writeTokenizer } from "@ligo/data";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const inRepository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const BERT = inRepository("packages/bert/src/__fixtures__/bert-tiny");
const EXAMPLE = inRepository("examples/grow.mjs");
const TEXT = "the cat sees the dog . the dog hears the bird .\n".repeat(300);

describe("examples/grow.mjs", () => {
  const [argv, said]: [readonly string[], string[]] = [process.argv, []];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ligo-example-"));
    vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  });
  afterEach(() => {
    process.argv = [...argv];
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it("grows by stacking in memory and by learning into a folder", async () => {
    const [small, text, out] = ["small", "text.txt", "grown"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    cpSync(BERT, small, { recursive: true });
    await writeTokenizer(trainWordPiece([TEXT], { vocabularySize: 64 }), small);
    writeFileSync(text, TEXT);
    const to = { num_hidden_layers: 3, hidden_size: 48, num_attention_heads: 6 };
    process.argv = ["node", EXAMPLE, small, JSON.stringify(to), text, out];
    await import(EXAMPLE);

    expect(said).toEqual([
      expect.stringMatching(/^stack: held-out loss \d\.\d{3}, \d+ tensors in memory$/),
      expect.stringMatching(/^ligo: held-out loss \d\.\d{3}, .*grown$/),
    ]);
    const checkpoint = await openCheckpoint(out);
    const tensors = [...checkpoint.headers.keys()];
    await checkpoint.close();
    expect(said[0]).toContain(` ${tensors.length} tensors`);
    expect(checkpoint.config).toMatchObject(to);
    // learning gets below a copy, on text that repeats itself
    const [stacked = Number.NaN, learned = Number.NaN] = said.map((line) =>
      Number(/loss ([\d.]+)/.exec(line)?.[1]),
    );
    expect(learned).toBeLessThan(stacked);
    expect(existsSync(join(out, "operator.safetensors"))).toBe(true);
  });

  it("fits on a screen", () => {
    const lines = readFileSync(EXAMPLE, "utf8").split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("//")).length).toBeLessThan(16);
  });
});

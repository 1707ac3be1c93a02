import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel } from "@ligo/vitest/tiny-model";
import type { EvaluateResult, TrainResult } from "../__fixtures__/json-results.js";

/** A checkpoint, its text, and the same text as JSON lines with two bad rows. */
async function corpus() {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const content = readFileSync(text, "utf8");
  const rows = join(folder, "rows.jsonl");
  const lines = content
    .trimEnd()
    .split("\n")
    .map((body) => JSON.stringify({ body }));
  writeFileSync(rows, [...lines.slice(0, 3), "{}", "nonsense", ...lines.slice(3)].join("\n"));
  const train = ["train", checkpoint, "--steps", "2", "--batch", "4"];
  return { folder, checkpoint, text, rows, train };
}

describe("text", () => {
  it("is the same from a file, from a table and from the cache", async () => {
    const { checkpoint, text, rows } = await corpus();
    const judge = (...data: string[]): Promise<EvaluateResult> =>
      ligoJson<EvaluateResult>(["eval", checkpoint, "--all", "--batch", "4", "--data", ...data]);
    const { loss } = await judge(text);
    expect((await judge(text)).loss).toBe(loss);
    expect((await judge(text, "--no-cache")).loss).toBe(loss);
    const table = [rows, "--text-column", "body", "--skip-bad-rows"];
    expect((await judge(...table)).loss).toBe(loss);
    expect((await judge(...table)).loss).toBe(loss);
  });

  it("is tokenised once, and rows left out are reported every time", async () => {
    const { folder, checkpoint, rows } = await corpus();
    const cache = join(folder, "cache");
    const argv = ["eval", checkpoint, "--data", rows, "--text-column", "body", "--cache", cache];
    const written: number[] = [];
    for (let time = 0; time < 2; time++) {
      const { code, stderr } = await ligo([...argv, "--skip-bad-rows"]);
      expect(code).toBe(0);
      const [name = ""] = readdirSync(join(cache, "tokens"));
      written.push(statSync(join(cache, "tokens", name)).ino);
      expect(stderr).toContain("Left out 2 rows that cannot be used:");
      expect(stderr).toMatch(/rows\.jsonl, line 4, has no column "body"/);
    }
    expect(written[1]).toBe(written[0]);
    const strict = await ligo(argv);
    expect(strict.code).toBe(2);
    expect(strict.stderr).toContain(`${rows}, line 4, has no column "body"`);
  });

  it("is drawn from several sources by weight", async () => {
    const { folder, text, rows, train } = await corpus();
    const out = join(folder, "out");
    const table = ["--text-column", "body", "--skip-bad-rows", "--data", text, rows];
    const argv = [...train, ...table, "--data-weights", "3", "1", "--out", out];
    await ligoJson<TrainResult>(argv);
    const record = JSON.parse(readFileSync(join(out, "ligo.json"), "utf8")) as {
      settings: Record<string, unknown>;
    };
    expect(record.settings).toMatchObject({
      data_weights: [3, 1],
      text_column: "body",
      skip_bad_rows: true,
    });
    const refused = async (words: RegExp, ...further: string[]): Promise<void> => {
      const { code, stderr } = await ligo([...train, ...further, "--out", join(folder, "none")]);
      expect(code).toBe(2);
      expect(stderr).toMatch(words);
    };
    await refused(/bad-weights/, "--data", text, "--data-weights", "1", "2");
    await refused(/data-repeated/, "--data", text, text, "--data-weights", "1", "2");
    await refused(/above 0/, "--data", text, "--data-weights", "0");
  });
});

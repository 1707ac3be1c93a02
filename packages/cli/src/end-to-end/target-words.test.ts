import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import type { GrowResult, PlanReport, VerifyResult } from "../__fixtures__/json-results.js";

// two layers of width 32 with 4 heads
const small = fixture("bert-tiny");
const WIDE = { hidden_size: 64, num_attention_heads: 8, intermediate_size: 128 };

const read = (file: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;

it("plans for a word, and says the config that it stands for", async () => {
  const report = await ligoJson<PlanReport>(["plan", small, "--to", "2x-wide"]);
  expect(report.to).toEqual(WIDE);
  const { stdout } = await ligo(["plan", small, "--to", "2x-wide"]);
  expect(stdout).toMatch(/^config: \{"hidden_size":64,"num_attention_heads":8,.*\}$/mu);
});

it("grows for a word, and writes the config that it stands for", async () => {
  const out = join(temporaryFolder(), "grown");
  const grow = ["grow", small, "--to", "2x-wide", "--method", "lemon", "--out", out];
  const grown = await ligoJson<GrowResult>(grow);
  expect(grown).toMatchObject({ to: WIDE, keeps_function: true });
  expect(read(join(out, "config.json"))).toMatchObject(WIDE);
  const { settings } = read(join(out, "recipe.json"));
  expect(settings).toMatchObject({ to: WIDE });
  expect(await ligoJson<VerifyResult>(["verify", small, out])).toMatchObject({ verdict: "kept" });
});

it("grows to a number of parameters", async () => {
  const out = join(temporaryFolder(), "grown");
  const sizes = ["--parameters", "60K", "--to", "1x-wide"];
  const { code, stderr, stdout } = await ligo([
    "grow",
    small,
    ...sizes,
    "--method",
    "stack",
    "--out",
    out,
  ]);
  expect(stderr).toMatch(
    /^Grows to \{"num_hidden_layers":\d+\}: (5[789]|6[012]),\d{3} parameters\.$/mu,
  );
  expect(stdout).toMatch(/^config +\{"num_hidden_layers":\d+\}$/mu);
  expect(code).toBe(0);
});

it.each([
  [
    ["--parameters", "60K", "--to", '{"hidden_size":64}'],
    /--parameters and --to both say how large/u,
  ],
  [["--parameters", "60K", "--to", "2x"], /beside --parameters a shape such as --to 2x-deep/u],
  [["--parameters", "many"], /--parameters is "many"; it must be a number above 0, such as 300M/u],
  [["--parameters", "1K"], /The target is to have 1,000 parameters, and the source has /u],
  [[], /--to is missing: .*; or give --layers, --parameters/u],
])("refuses %j", async (flags, words) => {
  const { code, stderr } = await ligo(["plan", small, ...flags]);
  expect(stderr).toMatch(words);
  expect(code).toBe(2);
});

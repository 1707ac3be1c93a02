import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gpt2 } from "@ligo/gpt2";
import { expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import type { GrowResult, PlanReport, VerifyResult } from "../__fixtures__/json-results.js";

// a pre-norm model of two layers, recorded from transformers
const small = fileURLToPath(
  new URL("../../../gpt2/src/__fixtures__/GPT2LMHeadModel", import.meta.url),
);
const io = { architectures: [gpt2] };

it("grows by a list of layers, and tells it", async () => {
  const out = join(temporaryFolder(), "grown");
  const list = ["--layers", "0-2,0-2"];
  const report = await ligoJson<PlanReport & { layers: string }>(["plan", small, ...list], io);
  expect(report).toMatchObject({ layers: "0-2,0-2", target: { layers: { decoder: 4 } } });
  const grow = ["grow", small, ...list, "--method", "lemon", "--out", out];
  const grown = await ligoJson<GrowResult>(grow, io);
  expect(grown).toMatchObject({ layers: "0-2,0-2", keeps_function: true });
  expect(await ligoJson<VerifyResult>(["verify", small, out], io)).toMatchObject({
    verdict: "kept",
  });
});

it("says what of a list changes the function", async () => {
  const out = join(temporaryFolder(), "grown");
  const list = ["--layers", "0,0,0"];
  const { code, stdout } = await ligo(
    ["grow", small, ...list, "--method", "stack", "--out", out],
    io,
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^layers +0,0,0$/mu);
  expect(stdout).toContain("not kept: decoder: the list of layers leaves out 1");
  const { reasons } = await ligoJson<VerifyResult>(["verify", small, out], io);
  expect(reasons).toContain("decoder: the list of layers leaves out 1");
});

it.each([
  [
    ["--layers", "0-2", "--to", '{"n_layer":3}'],
    /--layers lists 2 layers, and --to has n_layer 3/u,
  ],
  [["--layers", "0-3"], /--layers names layer 2, and the source has layers 0 to 1/u],
  [["--layers", "2-0"], /--layers is "2-0"; it must be half-open ranges and single layers/u],
  [["--layers", "0-2,1", "--method", "random"], /the method random takes no list of layers/u],
  [["--layers", "0-2,1", "--init-depth", "rand", "--steps", "0"], /mixes layers at random/u],
  [["--layers-by", "similarity", "--to", '{"n_layer":3}'], /--layers-by needs --data/u],
])("refuses %j", async (flags, words) => {
  const out = join(temporaryFolder(), "grown");
  const method =
    flags.includes("--method") || flags.includes("--steps") ? [] : ["--method", "stack"];
  const { code, stderr } = await ligo(["grow", small, ...flags, ...method, "--out", out], io);
  expect(stderr).toMatch(words);
  expect(code).toBe(2);
});

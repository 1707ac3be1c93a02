import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleChild } from "./__fixtures__/bundle-child.js";
import { runCampaign } from "./campaign.js";
import { prepareTarget } from "./make-input.js";
import { signatureOf } from "./outcome.js";
import { TARGETS } from "./targets/index.js";

const SEED = 1;
/** Inputs of a target of weight 1; all together take about a minute of a core. */
const INPUTS = 12;

let built = "";
const folder = mkdtempSync(join(tmpdir(), "ligo-fuzz-"));
let bundle = "";

beforeAll(async () => {
  ({ bundle, folder: built } = await bundleChild(new URL("child.ts", import.meta.url)));
  for (const target of TARGETS) await prepareTarget(folder, target);
}, 300_000);

afterAll(() => {
  for (const made of [built, folder]) rmSync(made, { recursive: true, force: true });
});

it("finds nothing in any reader in a seeded minute", async () => {
  const found: string[] = [];
  const tallies = await runCampaign(
    TARGETS.map(({ name, weight }) => ({ target: name, seed: SEED, from: 0, to: INPUTS * weight })),
    {
      bundle,
      folder,
      targets: TARGETS,
      deadline: 5000,
      seed: SEED,
      jobs: 2,
      minimising: 0,
      onFinding: ({ finding, index, target }) =>
        void found.push(`${target} ${index}: ${signatureOf(finding)}`),
    },
  );
  expect(found).toEqual([]);
  for (const { name, weight } of TARGETS) {
    const { accepted, refused, tried } = tallies.get(name) ?? {};
    expect(tried, name).toBe(INPUTS * weight);
    // changes that all have the same outcome would try nothing
    expect(accepted, name).toBeGreaterThan(0);
    expect(refused, name).toBeGreaterThan(0);
  }
}, 900_000);

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleChild } from "./__fixtures__/bundle-child.js";
import { faulty, KINDS } from "./__fixtures__/faulty.js";
import { runCampaign, type CampaignOptions, type Tally } from "./campaign.js";
import { readFinding, writeFinding, type FoundInput } from "./findings.js";
import { makeInput, prepareTarget, readSeeds } from "./make-input.js";
import { startChild } from "./start-child.js";

/** One of which a dozen inputs show every kind. */
const SEED = 34;
const INPUTS = 12;

let built = "";
const folder = mkdtempSync(join(tmpdir(), "ligo-fuzz-"));
const found: FoundInput[] = [];
let options: CampaignOptions;
let tally: Tally | undefined;

beforeAll(async () => {
  const { bundle, folder: made } = await bundleChild(
    new URL("__fixtures__/faulty-child.ts", import.meta.url),
  );
  built = made;
  await prepareTarget(folder, faulty);
  options = {
    bundle,
    folder,
    targets: [faulty],
    deadline: 2000,
    seed: SEED,
    jobs: 1,
    minimising: 20_000,
    onFinding: (one) => void found.push(one),
  };
  const stretch = { target: faulty.name, seed: SEED, from: 0, to: INPUTS };
  tally = (await runCampaign([stretch], options)).get(faulty.name);
}, 120_000);

afterAll(() => {
  for (const made of [built, folder]) rmSync(made, { recursive: true, force: true });
});

describe("a campaign over a reader with every fault", () => {
  it("goes on after each of them and counts all inputs", () => {
    expect(tally).toMatchObject({ tried: INPUTS });
    expect(tally?.accepted).toBeGreaterThan(0);
    expect(tally?.refused).toBeGreaterThan(0);
  });

  it("finds every kind once, and what is refused or accepted not at all", () => {
    const kinds = found.map(({ finding }) => finding.kind);
    const faults = KINDS.filter((kind) => kind !== "accepted" && kind !== "refused");
    expect(kinds.toSorted()).toEqual(faults.toSorted());
  });

  it("leaves changes out that have no part in a finding", () => {
    // a hang takes longer to see than there is time to make it smaller
    for (const { finding, input } of found.filter((one) => one.finding.kind !== "hang")) {
      const noise = Buffer.from(input.get("noise.txt") ?? []).toString();
      expect(["", "noise"], finding.kind).toContain(noise);
    }
  });

  it("writes a finding whose input does the same again", async () => {
    const [crash] = found.filter(({ finding }) => finding.kind === "crash");
    const file = writeFinding(join(folder, "findings"), crash as FoundInput);
    const { input, target } = readFinding(file);
    const child = startChild(options);
    expect(await child.judge(target, input)).toMatchObject({ kind: "crash" });
    child.stop();
  });
});

it("makes the same input of a seed and a number, whatever was made before", () => {
  const seeds = readSeeds(folder, faulty);
  const input = (index: number, seed: number = SEED): unknown => [
    ...makeInput(faulty, seeds, { seed, index }).input,
  ];
  expect(input(7)).toEqual(input(7));
  const others = [input(8), input(7, SEED + 1), input(9)];
  expect(others.filter((one) => JSON.stringify(one) === JSON.stringify(input(7)))).toEqual([]);
});

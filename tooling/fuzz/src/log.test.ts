import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { emptyTally } from "./campaign.js";
import { begunIn, logStretch, talliesIn } from "./log.js";
import { stretchesOf } from "./stretches.js";
import { safetensors } from "./targets/safetensors.js";

it("goes on where a log ends, and adds up what it holds of a seed", () => {
  const file = join(temporaryFolder(), "fuzz.log");
  const stretch = { target: safetensors.name, seed: 1, from: 0, to: 40 };
  const tally = {
    ...emptyTally(),
    tried: 40,
    accepted: 10,
    refused: 29,
    findings: new Map([["crash", 1]]),
  };
  logStretch(file, stretch, tally);
  logStretch(file, { ...stretch, from: 40, to: 90 }, { ...tally, tried: 50, refused: 39 });
  logStretch(file, { ...stretch, seed: 2, to: 1000 }, tally);
  expect(talliesIn(file, 1).get(safetensors.name)).toMatchObject({
    tried: 90,
    accepted: 20,
    refused: 68,
  });
  expect(talliesIn(file, 1).get(safetensors.name)?.findings).toEqual(new Map([["crash", 2]]));
  const options = { targets: [safetensors], seed: 1, goesOn: (given: number) => given < 1 };
  const [next] = stretchesOf({ ...options, begun: begunIn(file, 1) });
  expect(next).toMatchObject({ from: 90 });
  expect([...stretchesOf(options)]).toMatchObject([{ from: 0 }]);
});

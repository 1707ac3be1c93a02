import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { bytesOf, readEvents } from "./__fixtures__/read-events.js";
import { openEventFile } from "./event-file.js";

const VERSION = { fileVersion: "brain.Event:2", writer: "ligo" };

describe("openEventFile", () => {
  it("has every event on disk as soon as it is appended", async () => {
    const folder = temporaryFolder();
    let milliseconds = 1_700_000_000_000;
    const file = await openEventFile(folder, { now: () => milliseconds });
    expect(basename(file.path)).toBe("events.out.tfevents.1700000000.ligo");
    const wallTime = 1_700_000_000;
    const expected = [
      bytesOf({ wallTime, ...VERSION }),
      bytesOf({ wallTime, step: 0, start: true }),
    ];
    expect(readEvents(file.path)).toEqual(expected);
    for (const step of [0, 1, 2]) {
      milliseconds += 250;
      const values = { "train/loss": 1 / (step + 1), "train/learning_rate": 0.5 };
      await file.append(step, values);
      expected.push(bytesOf({ wallTime: milliseconds / 1000, step, values }));
      expect(readEvents(file.path)).toEqual(expected);
    }
    await file.close();
  });

  it("goes on in a later file that takes back what is done again", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "metrics.jsonl"), "");
    const now = (): number => 1_700_000_000_000;
    const first = await openEventFile(folder, { now });
    await first.append(7, { "train/loss": 1 });
    await first.close();
    const before = readFileSync(first.path);
    const second = await openEventFile(folder, { now, resumedAt: 5 });
    await second.close();
    expect(readdirSync(folder).toSorted()).toEqual([
      "events.out.tfevents.1700000000.ligo",
      "events.out.tfevents.1700000001.ligo",
      "metrics.jsonl",
    ]);
    expect(readFileSync(first.path).equals(before)).toBe(true);
    expect(readEvents(second.path)).toEqual([
      bytesOf({ wallTime: 1_700_000_000, ...VERSION }),
      bytesOf({ wallTime: 1_700_000_000, step: 6, start: true }),
    ]);
  });
});

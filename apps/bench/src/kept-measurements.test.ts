import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { expect, it } from "vitest";
import { keptMeasurements } from "./kept-measurements.js";

it("goes on where a run was broken off", async () => {
  const file = join(temporaryFolder(), "kept.jsonl");
  const first = keptMeasurements(file);
  expect(await first("0 step", () => ({ seconds: 1 }))).toEqual({ seconds: 1 });
  appendFileSync(file, '["0 peer",{"seco');
  const second = keptMeasurements(file);
  const again = (): never => {
    throw new Error("measured twice");
  };
  expect(await second("0 step", again)).toEqual({ seconds: 1 });
  expect(await second("0 peer", () => ({ seconds: 2 }))).toEqual({ seconds: 2 });
  const third = keptMeasurements(file);
  expect(await third("0 peer", again)).toEqual({ seconds: 2 });
});

it("measures each name once without a file", async () => {
  const once = keptMeasurements(undefined);
  const values = [1, 2];
  expect(await once("a", () => values.shift())).toBe(1);
  expect(await once("a", () => values.shift())).toBe(1);
  expect(await once("b", () => values.shift())).toBe(2);
});

it("writes a line for each", async () => {
  const file = join(temporaryFolder(), "kept.jsonl");
  const once = keptMeasurements(file);
  await once("a", () => 1);
  await once("b", () => 2);
  expect(readFileSync(file, "utf8")).toBe('["a",1]\n["b",2]\n');
});

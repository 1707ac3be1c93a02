import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { METRICS_NAME, readMetrics } from "./metrics-file.js";

const STEP = '{"step":1,"loss":2.5}';

it("reads steps, and takes no other line for one", async () => {
  const folder = temporaryFolder();
  const readLines = async (text: string): Promise<unknown> => {
    writeFileSync(join(folder, METRICS_NAME), text);
    return readMetrics(folder).catch((error: unknown) => error);
  };
  expect(await readLines(`${STEP}\n\n${STEP}\n`)).toHaveLength(2);
  expect(await readLines("")).toEqual([]);
  for (const line of ["[1]", "null", "7", '"step"', "{}", '{"step":"1"}', "{", "[".repeat(9)]) {
    expect(await readLines(`${STEP}\n${line}\n`), line).toMatchObject({
      code: "run/damaged-metrics",
      file: join(folder, METRICS_NAME),
    });
  }
});

import * as z from "@ligo/core/zod";
import { readJsonFile } from "@ligo/checkpoint";
import { CompareError } from "./compare-error.js";
import type { ComparisonResults } from "./results.js";

const number = z.number();
const point = z.looseObject({ step: number, flops: number, seconds: number, loss: number });

/** Parts of results that a comparison takes over, and that tables are made of. */
const RESULTS = z.looseObject({
  format: z.literal("ligo.comparison"),
  format_version: z.literal(1),
  machine: z.string(),
  machines: z.array(z.string()).optional(),
  cells: z.array(
    z.looseObject({
      key: z.string(),
      name: z.string(),
      method: z.string(),
      seed: number,
      steps: number,
      growth: z.looseObject({ steps: number, flops: number, seconds: number }).nullable(),
      curve: z.array(point),
      // missing in results of earlier versions
      accuracy: number.nullable().default(null),
      downstream: z.record(z.string(), z.record(z.string(), number)).default({}),
      diverged: z.string().nullable(),
    }),
  ),
  sources: z.array(
    z.looseObject({
      key: z.string(),
      seed: number,
      steps: number,
      flops: number,
      seconds: number,
      loss: number,
    }),
  ),
  tuning: z.array(z.looseObject({ key: z.string(), loss: number.nullable() })).optional(),
});

/**
 * Reads the results of a comparison: `results.json` of its folder, or a copy of it. Throws what {@link readJsonFile} does,
 * `compare/not-json` and, where the file holds no results that are whole, `compare/bad-results`.
 */
export async function readResults(file: string): Promise<ComparisonResults> {
  const { value } = await readJsonFile(file, { code: "compare/not-json" });
  const { data, error } = RESULTS.safeParse(value);
  if (data !== undefined) return data as unknown as ComparisonResults;
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "the file" : issue.path.join(".");
  throw new CompareError(
    "compare/bad-results",
    `${file} holds no whole results of a comparison (${place}: ${issue?.message ?? "unreadable"}). Name the results.json of one.`,
    { file, expected: "results.json of a comparison" },
  );
}

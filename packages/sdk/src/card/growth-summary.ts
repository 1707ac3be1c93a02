import type { RawConfig } from "@ligo/core";
import * as z from "@ligo/core/zod";
import { readRecord } from "../models/record-file.js";

/** Facts of a growth that a model card tells, as `ligo.json` spells them. Trainings of a grown model keep them. */
export interface GrowthSummary {
  readonly method: string;
  readonly source: {
    readonly path: string | null;
    readonly hub?: { readonly name: string; readonly commit: string } | undefined;
  };
  readonly parameters: { readonly source: number; readonly target: number };
  /** Numbers of the config that grew, from and to; null where the source's config has none. */
  readonly sizes: Sizes;
  readonly keeps_function: boolean;
  readonly reasons: readonly string[];
  readonly losses: {
    readonly small?: number | undefined;
    readonly start?: number | undefined;
    readonly grown?: number | undefined;
  };
  readonly settings: {
    readonly data?: readonly string[] | null | undefined;
    readonly steps?: number | null | undefined;
  };
}

type Sizes = Readonly<Record<string, readonly [from: number | null, to: number]>>;

const KEYS = [
  "method",
  "source",
  "parameters",
  "sizes",
  "keeps_function",
  "reasons",
  "losses",
  "settings",
] as const satisfies readonly (keyof GrowthSummary)[];

const summary: z.ZodType<GrowthSummary> = z.object({
  method: z.string(),
  source: z.object({
    path: z.string().nullable(),
    hub: z.object({ name: z.string(), commit: z.string() }).optional(),
  }),
  parameters: z.object({ source: z.number(), target: z.number() }),
  sizes: z.record(z.string(), z.tuple([z.number().nullable(), z.number()])),
  keeps_function: z.boolean(),
  reasons: z.array(z.string()),
  losses: z.object({
    small: z.number().optional(),
    start: z.number().optional(),
    grown: z.number().optional(),
  }),
  settings: z.object({
    data: z.array(z.string()).nullable().optional(),
    steps: z.number().nullable().optional(),
  }),
});

/** The facts in a record of a growth; undefined where they are not there. */
export const growthSummary = (record: unknown): GrowthSummary | undefined =>
  summary.safeParse(record).data;

/** Facts of the growth behind a model in a folder: of its own record, or of that of a training since. */
export async function growthBehind(folder: string): Promise<GrowthSummary | undefined> {
  try {
    type Known = Readonly<Record<"command" | "growth" | (typeof KEYS)[number], unknown>>;
    const record = await readRecord<Known>(folder, ["command", "growth", ...KEYS]);
    return growthSummary(record.command === "grow" ? record : record.growth);
  } catch {
    // a record that is damaged tells nothing here; whoever needs it says so
    return undefined;
  }
}

/** Numbers of two configs that differ: `hidden_size: [128, 256]`. */
export function changedSizes(source: RawConfig, target: RawConfig): Sizes {
  return Object.fromEntries(
    Object.entries(target).flatMap(([key, value]) => {
      const before = source[key];
      if (typeof value !== "number" || value === before) return [];
      return [[key, [typeof before === "number" ? before : null, value] as const]];
    }),
  );
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createPlan, LigoError, type Operator, type Plan } from "@ligo/core";
import { parseLayers } from "@ligo/core/methods";
import type { StoredRows } from "@ligo/core/operator";
import { rowChanges, withRowsOf, type RowGrowth } from "@ligo/core/stream";
import type { GrownModel } from "../growth/grown-model.js";
import { OPERATOR_NAME, readOperator, readStoredRows } from "../growth/operator-file.js";
import type { ModelSource } from "../models/model-source.js";
import type { OpenedModel } from "../models/open-model.js";

/** What the files beside a grown checkpoint say of how it was made. */
export interface RecordedGrowth {
  /** `grow`, `train`; undefined where there is no record. */
  readonly command: string | undefined;
  /** Method of the growth. */
  readonly method: string | undefined;
  readonly plan: Plan | undefined;
  /** The operator between the two models, where one of these shapes lies beside the grown one. */
  readonly operator: Operator | undefined;
  /** What its file says of new rows of tables, by space. */
  readonly rows: ReadonlyMap<string, StoredRows>;
}

/**
 * What is known of a growth: what a grown model that is at hand says itself, or the record and the operator beside a checkpoint.
 * Files that are missing or of another growth are passed over.
 */
export async function recordedGrowth(
  small: OpenedModel,
  grown: OpenedModel,
  source: ModelSource,
): Promise<RecordedGrowth> {
  if (isGrown(source)) {
    const { command, method, out, plan, rowGrowths = [] } = source;
    const rows = out === undefined ? rowsAtHand(rowGrowths) : await rowsIn(out);
    return { command, method, plan, operator: passOver(() => source.operator), rows };
  }
  const { folder } = grown.checkpoint;
  const record = await readRecord(folder);
  const { command, settings } = record;
  const { layers: list } = settings ?? {};
  const layers = typeof list === "string" ? parseLayers(list) : undefined;
  const [before, after] = [small.spec.layout, grown.spec.layout];
  const plan = passOver(() =>
    createPlan(withRowsOf(before, rowChanges(before, after)), after, { ties: "untie", layers }),
  );
  let operator: Operator | undefined;
  if (plan !== undefined) {
    try {
      operator = await readOperator(plan, join(folder, OPERATOR_NAME));
    } catch (error) {
      if (!LigoError.isInstance(error)) throw error;
    }
  }
  const method = settings?.method;
  return {
    command: typeof command === "string" ? command : undefined,
    method: typeof method === "string" ? method : undefined,
    plan,
    operator,
    rows: operator === undefined ? new Map() : await rowsIn(folder),
  };
}

/** What the operator in a folder says of new rows. */
async function rowsIn(folder: string): Promise<RecordedGrowth["rows"]> {
  try {
    return await readStoredRows(join(folder, OPERATOR_NAME));
  } catch (error) {
    if (LigoError.isInstance(error)) return new Map();
    throw error;
  }
}

const rowsAtHand = (growths: readonly RowGrowth[]): RecordedGrowth["rows"] =>
  new Map(
    growths.map(({ now, old, space, ...own }) => [space, { ...own, from: old.size, to: now.size }]),
  );

const isGrown = (source: ModelSource): source is GrownModel =>
  typeof source !== "string" && "operator" in source && "method" in source;

interface GrowthRecord {
  readonly command?: unknown;
  readonly settings?: { readonly method?: unknown; readonly layers?: unknown } | null;
}

async function readRecord(folder: string): Promise<GrowthRecord> {
  try {
    const record: unknown = JSON.parse(await readFile(join(folder, "ligo.json"), "utf8"));
    return typeof record === "object" && record !== null ? record : {};
  } catch {
    return {};
  }
}

function passOver<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (LigoError.isInstance(error)) return undefined;
    throw error;
  }
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createPlan, LigoError, type Operator, type Plan } from "@ligo/core";
import type { StoredRows } from "@ligo/core/operator";
import { rowChanges, withRowsOf } from "@ligo/core/stream";
import { OPERATOR_NAME, readOperator, readStoredRows } from "../growth/operator-file.js";
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

/** Reads the record and the operator of a growth. Files that are missing or of another growth are passed over. */
export async function recordedGrowth(
  small: OpenedModel,
  grown: OpenedModel,
): Promise<RecordedGrowth> {
  const { folder } = grown.checkpoint;
  const record = await readRecord(folder);
  const [before, after] = [small.spec.layout, grown.spec.layout];
  const plan = passOver(() =>
    createPlan(withRowsOf(before, rowChanges(before, after)), after, { ties: "untie" }),
  );
  let operator: Operator | undefined;
  let rows: RecordedGrowth["rows"] = new Map();
  if (plan !== undefined) {
    const file = join(folder, OPERATOR_NAME);
    try {
      operator = await readOperator(plan, file);
      rows = await readStoredRows(file);
    } catch (error) {
      if (!LigoError.isInstance(error)) throw error;
    }
  }
  const { command, settings } = record;
  const method = settings?.method;
  return {
    command: typeof command === "string" ? command : undefined,
    method: typeof method === "string" ? method : undefined,
    plan,
    operator,
    rows,
  };
}

interface GrowthRecord {
  readonly command?: unknown;
  readonly settings?: { readonly method?: unknown } | null;
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

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createPlan, LigoError, type Operator, type Plan } from "@ligo/core";
import { parseLayers } from "@ligo/core/methods";
import type { GrownModel } from "../growth/grown-model.js";
import { readOperator } from "../growth/operator-file.js";
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
    const { command, method, plan } = source;
    return { command, method, plan, operator: passOver(() => source.operator) };
  }
  const { folder } = grown.checkpoint;
  const record = await readRecord(folder);
  const { command, settings } = record;
  const { layers: list } = settings ?? {};
  const layers = typeof list === "string" ? parseLayers(list) : undefined;
  const plan = passOver(() =>
    createPlan(small.spec.layout, grown.spec.layout, { ties: "untie", layers }),
  );
  let operator: Operator | undefined;
  if (plan !== undefined) {
    try {
      operator = await readOperator(plan, join(folder, "operator.safetensors"));
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
  };
}

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

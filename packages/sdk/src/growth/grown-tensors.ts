import {
  createGrower,
  elementCount,
  type Multiply,
  type Operator,
  type ReadSource,
} from "@ligo/core";
import { finiteTest, type FiniteTest } from "@ligo/core/operator";
import { createScratch } from "@ligo/core/stream";
import { loadMultiply } from "../models/load-engine.js";
import type { EngineName } from "../models/engine-name.js";
import type { Timings } from "../timings.js";
import type { OpenedOperator } from "./operator-file.js";
import type { Growth } from "./open-growth.js";

/** Grown tensors, made one by one as they are asked for. */
export interface GrownTensors {
  /** Numbers of a tensor by canonical name, at once or in parts; it is told which one is next. */
  make(
    name: string,
    next: string | undefined,
  ): Promise<Float32Array> | AsyncGenerator<Float32Array>;
  /** Takes back memory that is written. */
  readonly written?: (data: Float32Array | Int32Array) => void;
  /** A quick test of float32 numbers, where the engine has one. */
  readonly areFinite: FiniteTest | undefined;
}

export interface GrownTensorsOptions {
  readonly growth: Growth;
  readonly operator: Operator | OpenedOperator;
  readonly engine: EngineName;
  /** All grown weights by canonical name, where they are in memory already. */
  readonly known: ReadonlyMap<string, Float32Array> | undefined;
  readonly timings: Timings;
  readonly signal: AbortSignal;
}

/** The tensors of a grown model: those that are known, or grown as they are asked for, tall ones in parts. */
export async function grownTensors(options: GrownTensorsOptions): Promise<GrownTensors> {
  const multiply = await loadMultiply(options.engine);
  const areFinite = multiply && finiteTest(multiply);
  if (options.known !== undefined) return inMemory(options.known, areFinite);
  return growTensors(options, multiply, areFinite);
}

/** Numbers of a tall tensor that are grown together, so that one of any size takes little memory. */
const PART_NUMBERS = 2 ** 19;

function growTensors(
  { growth, operator, signal, timings }: GrownTensorsOptions,
  multiply: Multiply | undefined,
  areFinite: FiniteTest | undefined,
): GrownTensors {
  const { base, plan } = growth;
  const read: ReadSource = (name, into, start) => base.read(name, into, start, areFinite);
  const grower = createGrower(plan, operator, read, { multiply, signal });
  const shapes = new Map(plan.tensors.map(({ name, shape }) => [name, shape]));
  // While arrays are written the next is filled.
  const memory = createScratch();
  return {
    areFinite,
    async *make(name, next) {
      const [rows = 1, ...rest] = shapes.get(name) ?? [];
      for (const part of grower.parts(name, PART_NUMBERS)) {
        const into = memory.float32((part.end - part.begin) * elementCount(rest));
        const range = part.end - part.begin === rows ? undefined : part;
        const following = part.end === rows ? next : undefined;
        yield await timings.time("apply", () => grower.grow(name, into, range, following));
      }
    },
    written(data) {
      if (data instanceof Float32Array) memory.give(data);
    },
  };
}

function inMemory(
  weights: ReadonlyMap<string, Float32Array>,
  areFinite: FiniteTest | undefined,
): GrownTensors {
  return {
    areFinite,
    async make(name) {
      const data = weights.get(name);
      if (data === undefined) throw new RangeError(`Nothing was grown for ${name}.`);
      return data;
    },
  };
}

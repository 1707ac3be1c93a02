import {
  checkOperatorNumbers,
  createRandom,
  decodeOperatorHeader,
  methods,
  type DepthInitialName,
  type LigoOptions,
  type Matrix,
  type MatrixShape,
  type MethodName,
  type Operator,
  type OperatorHeader,
  type Plan,
  type StoredOperator,
  type WidthScope,
} from "@ligo/core";
import { openSafetensors, type SafetensorsFile } from "@ligo/checkpoint";
import { INITIAL_DEVIATION } from "../models/initial-deviation.js";
import { withFile } from "../models/with-file.js";

/** The starts of depth that `ligo grow` has: those of the published code, and added layers that add nothing yet. */
export type InitialDepth = DepthInitialName | "zero-block";

export interface StartOptions {
  readonly method: MethodName;
  readonly seed: number;
  readonly form: WidthScope;
  readonly initialDepth: InitialDepth;
  readonly initialWidth: NonNullable<LigoOptions["width"]>;
  /** Terms of `mango`. Default 1. */
  readonly rank?: number;
  /** Standard deviation of weights that start from scratch. Default 0.02. */
  readonly deviation?: number;
  /** Of `ligo` and `ligo-width`: deviation of what is added to new units' weights. Default `deviation`. */
  readonly perturbation?: number | null;
}

/** The operator of a method; of one that learns, where learning starts. */
export function startOperator(plan: Plan, options: StartOptions): Operator {
  const { deviation = INITIAL_DEVIATION, form, method } = options;
  const perturbation = options.perturbation ?? deviation;
  const random = createRandom(options.seed).fork("operator");
  const [depth, width] = [options.initialDepth, options.initialWidth];
  switch (method) {
    case "ligo":
      return methods.ligo.create(plan, random, { form, depth, width, perturbation });
    case "ligo-depth":
      return methods["ligo-depth"].create(plan, random, { form, depth });
    case "ligo-width":
      return methods["ligo-width"].create(plan, random, { form, width, perturbation });
    case "mango":
      return methods.mango.create(plan, random, {
        depth,
        ...(options.rank === undefined ? {} : { rank: options.rank }),
      });
    case "ligo-lossless":
      return methods["ligo-lossless"].create(plan, random, { form });
    default:
      return methods[method].create(plan, random, { deviation });
  }
}

/** An operator file, open. */
export interface OpenedOperator extends StoredOperator {
  readonly file: string;
  close(): Promise<void>;
}

/** Works with an operator file that is open; with none where there is no name. */
export async function withOperator<T>(
  plan: Plan,
  file: string | undefined,
  work: (operator: OpenedOperator | undefined) => Promise<T>,
): Promise<T> {
  const opened = file === undefined ? undefined : await openOperator(plan, file);
  try {
    return await work(opened);
  } finally {
    await opened?.close();
  }
}

/** Opens an `operator.safetensors` and checks its header against a plan. The caller closes it. */
async function openOperator(plan: Plan, file: string): Promise<OpenedOperator> {
  const { header, opened } = await openHeader(plan, file);
  return {
    ...header,
    file,
    async read(name, into, start) {
      await opened.read(name, into, start);
    },
    check(name, numbers, start) {
      const shape = header.tensors.get(name) as MatrixShape;
      withFile(file, () => checkOperatorNumbers(name, shape, numbers, start));
    },
    close: () => opened.close(),
  };
}

/** Reads an `operator.safetensors` whole. */
export async function readOperator(plan: Plan, file: string): Promise<Operator> {
  const { header, opened } = await openHeader(plan, file);
  try {
    const tensors = new Map<string, Matrix>();
    for (const [name, shape] of header.tensors) {
      const data = await opened.read(name);
      withFile(file, () => checkOperatorNumbers(name, shape, data));
      tensors.set(name, { ...shape, data });
    }
    return { ...header, tensors };
  } finally {
    await opened.close();
  }
}

async function openHeader(
  plan: Plan,
  file: string,
): Promise<{ header: OperatorHeader; opened: SafetensorsFile }> {
  const opened = await openSafetensors(file);
  try {
    const { metadata, tensors } = opened;
    return { header: withFile(file, () => decodeOperatorHeader(plan, metadata, tensors)), opened };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

import {
  checkOperatorNumbers,
  createRandom,
  decodeOperatorHeader,
  methodNamed,
  ownOptions,
  type InitialDepth,
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
import { withFile } from "../models/with-file.js";

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
  const method = methodNamed(options.method);
  const { deviation, perturbation, ...settings } = options;
  return method.operator(plan, {
    random: createRandom(options.seed).fork("operator"),
    options: ownOptions(method, { ...settings, perturbation: perturbation ?? undefined }),
    initialDeviation: deviation,
  });
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

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
  type Plan,
  type StoredOperator,
  type WidthScope,
} from "@ligo/core";
import { openSafetensors } from "@ligo/checkpoint";
import { withFile } from "../models/with-file.js";

export interface StartOptions {
  readonly method: MethodName;
  readonly seed: number;
  readonly form: WidthScope;
  readonly initialDepth: DepthInitialName;
  readonly initialWidth: NonNullable<LigoOptions["width"]>;
  /** Standard deviation of weights that start from scratch. Default 0.02. */
  readonly deviation?: number;
}

/** The operator of a method; of one that learns, where learning starts. */
export function startOperator(plan: Plan, options: StartOptions): Operator {
  const { deviation, form, method } = options;
  const random = createRandom(options.seed).fork("operator");
  const [depth, width] = [options.initialDepth, options.initialWidth];
  switch (method) {
    case "ligo":
      return methods.ligo.create(plan, random, { form, depth, width });
    case "ligo-depth":
      return methods["ligo-depth"].create(plan, random, { form, depth });
    case "ligo-width":
      return methods["ligo-width"].create(plan, random, { form, width });
    case "ligo-lossless":
      return methods["ligo-lossless"].create(plan, random, { form });
    default:
      return methods[method].create(plan, random, deviation === undefined ? {} : { deviation });
  }
}

/** An operator file, open. */
export interface OpenedOperator extends StoredOperator {
  readonly file: string;
  close(): Promise<void>;
}

/** Opens an `operator.safetensors` and checks its header against a plan. The caller closes it. */
export async function openOperator(plan: Plan, file: string): Promise<OpenedOperator> {
  const opened = await openSafetensors(file);
  try {
    const header = withFile(file, () =>
      decodeOperatorHeader(plan, opened.metadata, opened.tensors),
    );
    return {
      ...header,
      file,
      async read(name, into) {
        await opened.read(name, into);
        const shape = header.tensors.get(name) as MatrixShape;
        withFile(file, () => checkOperatorNumbers(name, shape, into));
      },
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Reads an `operator.safetensors` whole. */
export async function readOperator(plan: Plan, file: string): Promise<Operator> {
  const opened = await openOperator(plan, file);
  try {
    const { architecture, order, widthScope, terms } = opened;
    const tensors = new Map<string, Matrix>();
    for (const [name, shape] of opened.tensors) {
      const data = new Float32Array(shape.rows * shape.columns);
      await opened.read(name, data);
      tensors.set(name, { ...shape, data });
    }
    return { architecture, order, widthScope, terms, tensors };
  } finally {
    await opened.close();
  }
}

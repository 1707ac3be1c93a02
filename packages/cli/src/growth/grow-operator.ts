import {
  createRandom,
  decodeOperator,
  methods,
  type DepthInitialName,
  type LigoOptions,
  type MethodName,
  type Operator,
  type Plan,
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

/** Reads an `operator.safetensors` and checks it against a plan. */
export async function readOperator(plan: Plan, file: string): Promise<Operator> {
  const opened = await openSafetensors(file);
  try {
    const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const [name, { shape }] of opened.tensors) {
      tensors.set(name, { shape, data: await opened.read(name) });
    }
    return withFile(file, () => decodeOperator(plan, opened.metadata, tensors));
  } finally {
    await opened.close();
  }
}

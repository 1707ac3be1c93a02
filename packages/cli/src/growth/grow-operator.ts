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
}

/** The operator of a method; for `ligo`, the one learning starts from. */
export function startOperator(plan: Plan, options: StartOptions): Operator {
  const random = createRandom(options.seed).fork("operator");
  if (options.method !== "ligo") return methods[options.method].create(plan, random);
  return methods.ligo.create(plan, random, {
    form: options.form,
    depth: options.initialDepth,
    width: options.initialWidth,
  });
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

import { applyOperator, type Multiply, type Operator, type Plan } from "@ligo/core";

export interface GrownTensorsOptions {
  readonly plan: Plan;
  readonly operator: Operator;
  /** Numbers of a source tensor by canonical name. */
  readonly read: (name: string) => Promise<Float32Array>;
  readonly multiply?: Multiply | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes single tensors of the grown model by canonical name, in any order; nothing is kept. */
export function grownTensors(
  options: GrownTensorsOptions,
): (name: string) => Promise<Float32Array> {
  const { plan, operator, multiply, signal } = options;
  const planned = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  const apply = {
    ...(multiply === undefined ? {} : { multiply }),
    ...(signal === undefined ? {} : { signal }),
  };
  return async (name) => {
    const tensor = planned.get(name);
    if (tensor === undefined) throw new RangeError(`The plan has no tensor ${name}.`);
    const part = { ...plan, tensors: [tensor] };
    for await (const { data } of applyOperator(part, operator, options.read, apply)) return data;
    throw new RangeError(`Nothing was grown for ${name}.`);
  };
}

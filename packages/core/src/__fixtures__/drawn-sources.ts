import { applyOperator } from "../stream/grower.js";
import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { reader } from "./tiny-layout.js";

type Tensors = ReadonlyMap<string, { readonly data: Float32Array }>;

/** Normal numbers for every source tensor of a plan, the same for the same name. */
export function drawnSources(plan: Plan): Tensors {
  return new Map(
    plan.tensors.flatMap(({ sources, sourceShape }) =>
      sources.map((name) => {
        const { normal } = createRandom(5).fork(name);
        const size = sourceShape.reduce((a, b) => a * b, 1);
        return [name, { data: Float32Array.from({ length: size }, normal) }] as const;
      }),
    ),
  );
}

/** All tensors of a grown model, by name. */
export async function growAll(
  plan: Plan,
  operator: Operator,
  sources: Tensors,
): Promise<Map<string, Float32Array>> {
  const grown = new Map<string, Float32Array>();
  for await (const { tensor, data } of applyOperator(plan, operator, reader(sources))) {
    grown.set(tensor.name, data);
  }
  return grown;
}

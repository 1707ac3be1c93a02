import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { ReadSource } from "../stream/read-source.js";
import type { Method, MethodInput } from "./method.js";

/** The operator of a method for weights that can be read: numbers that it needs of them are measured first. */
export async function makeOperator<Options extends object>(
  method: Method<Options>,
  plan: Plan,
  read: ReadSource,
  input: Omit<MethodInput<Options>, "measured">,
): Promise<Operator> {
  const measured = await method.measure?.(plan, read);
  return method.operator(plan, { ...input, measured });
}

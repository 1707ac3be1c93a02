import { MethodError } from "../errors/method-error.js";
import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { ReadSource } from "../stream/read-source.js";
import type { DataProbe, Method, MethodInput } from "./method.js";

/** What an operator is made from beside the weights. */
export interface MakeOperatorInput<Options extends object> extends Omit<
  MethodInput<Options>,
  "measured"
> {
  /** Asks data; needed where the method does (`asksData`). */
  readonly probe?: DataProbe | undefined;
}

/**
 * The operator of a method for weights that can be read: numbers that it needs of them, or of data, are measured first. Throws
 * `method/no-data` where the method asks data and there is no probe, and what the method throws.
 */
export async function makeOperator<Options extends object>(
  method: Method<Options>,
  plan: Plan,
  read: ReadSource,
  { probe, ...input }: MakeOperatorInput<Options>,
): Promise<Operator> {
  if (method.asksData === true && probe === undefined) throw noData(method);
  const measured = await method.measure?.(plan, read, probe);
  return method.operator(plan, { ...input, measured });
}

function noData({ name }: { readonly name: string }): MethodError {
  return new MethodError(
    "method/no-data",
    `\`method: "${name}"\` takes gradients on a batch of data. Give \`grow\` the setting \`data\`, or \`makeOperator\` a \`probe\`.`,
    { expected: "probe", actual: "absent" },
  );
}

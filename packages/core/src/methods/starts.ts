import { MethodError } from "../errors/method-error.js";
import { INITIAL_DEVIATION } from "../layout/initial-tensor.js";
import type { Operator, WidthScope } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import * as z from "../zod.js";
import { placedCopy } from "./direct-copy.js";
import { layeredOperator } from "./layered-operator.js";
import { lemonOperator } from "./lemon.js";
import type { Method, MethodContext, OptionSchemas } from "./method.js";
import { withPerturbation } from "./fresh-entries.js";
import {
  blockLayers,
  deviation,
  initialDepth,
  initialWidth,
  newUnits,
  noise,
  ownDeviation,
  readPower,
  shrink,
  type InitialDepth,
  type InitialWidth,
  type MethodOption,
  type NewUnits,
} from "./options.js";
import { unlearned, type UnlearnedName } from "./unlearned.js";

/** Methods that learning does not go on from: one without a source, another name of the same, those that measure. */
const NO_STARTS = ["random", "interlace", "lesa", "gradmax"] as const;

/** A method that learning goes on from. */
export type StartName = Exclude<UnlearnedName, (typeof NO_STARTS)[number]>;

const isStart = (name: unknown): name is StartName =>
  Object.hasOwn(unlearned, name as string) && !NO_STARTS.some((other) => other === name);

const names = Object.keys(unlearned).filter(isStart);

/** Starts whose added parts change nothing yet, where norms stand before the sublayers. */
export const losslessStarts: readonly StartName[] = ["lossless-fresh", "lemon", "zero-block"];

export const start: MethodOption<StartName | undefined> = z
  .enum(names as [StartName, ...StartName[]])
  .optional()
  .meta({
    says: "Method that makes the operator which learning goes on from; `initialWidth` and `initialDepth` say nothing then.",
  });

/** Options of methods that learning starts from. */
export interface StartOptions {
  readonly noise?: number | undefined;
  readonly deviation?: number | undefined;
  readonly ownDeviation?: boolean | undefined;
  readonly readPower?: number | undefined;
  readonly shrink?: number | undefined;
  readonly newUnits?: NewUnits | undefined;
  readonly blockLayers?: number | undefined;
}

export const startOptions: OptionSchemas<StartOptions> = {
  noise,
  deviation,
  ownDeviation,
  readPower,
  shrink,
  newUnits,
  blockLayers,
};

/** The method that settings start learning from; `undefined` where they name none. */
export function startMethod({ start: name }: { readonly start?: unknown }): Method | undefined {
  return isStart(name) ? unlearned[name] : undefined;
}

/** The settings of a method that learns, as its starts need them. */
export interface StartSettings extends StartOptions {
  readonly start?: StartName | undefined;
  readonly form: WidthScope;
  readonly perturbation?: number | undefined;
  readonly initialDepth?: InitialDepth | undefined;
  readonly initialWidth?: InitialWidth | undefined;
}

/**
 * The operator that learning goes on from: that of the method which `start` names, with maps for every layer and fresh entries told
 * by their places, or the method's own.
 *
 * Throws `method/option` for an option that the start does not take, or that says the same in another way.
 */
export function startOperator<Settings extends StartSettings>(
  plan: Plan,
  context: MethodContext<Settings>,
  own: (context: MethodContext<Settings>) => Operator,
): Operator {
  const { options } = context;
  const method = startMethod(options);
  const unknown = givenOptions(options).find(
    (one) => method === undefined || !Object.hasOwn(method.options, one),
  );
  if (unknown !== undefined) throw notTaken(unknown, options.start, method);
  if (options.start === undefined) return own(context);
  checkInitials(options.start, options);
  return operatorOf(plan, options.start, context);
}

/** The operator that learning goes on from by some start, the random numbers being any; `undefined` where there is none. */
export function startingOperator(
  plan: Plan,
  { form, start: name }: Pick<StartSettings, "form" | "start">,
): Operator | undefined {
  if (name === undefined) return undefined;
  const random = createRandom(0);
  return operatorOf(plan, name, { initialDeviation: INITIAL_DEVIATION, options: { form }, random });
}

function operatorOf(
  plan: Plan,
  name: StartName,
  context: Pick<MethodContext<StartSettings>, "initialDeviation" | "options" | "random">,
): Operator {
  const { initialDeviation, options, random } = context;
  const { form, perturbation = 0 } = options;
  const own = Object.fromEntries(givenOptions(options).map((one) => [one, options[one]]));
  const made =
    name === "lemon"
      ? lemonOperator(plan, random, { form, noise: options.noise })
      : unlearned[name].operator(plan, { initialDeviation, random, options: own });
  const placed = name === "direct-copy" ? placedCopy(plan, random, made) : made;
  const layered = layeredOperator(plan, placed, form);
  if (perturbation !== 0 && layered.perturbation !== undefined) throw addedTwice(name);
  return withPerturbation(plan, random, layered, perturbation);
}

function givenOptions(options: StartSettings): readonly (keyof StartOptions)[] {
  return (Object.keys(startOptions) as (keyof StartOptions)[]).filter(
    (name) => options[name] !== undefined,
  );
}

function notTaken(
  option: string,
  name: string | undefined,
  method: Method | undefined,
): MethodError {
  const where =
    name === undefined ? "an option of `start` methods alone" : `no option of \`start: "${name}"\``;
  return new MethodError(
    "method/option",
    `\`${option}\` is ${where}. Leave it out, or name a start that takes it.`,
    {
      expected: Object.keys(method?.options ?? {}).join(", ") || "no such option",
      actual: option,
    },
  );
}

/** Starts of maps and weights say nothing beside a method that makes both. */
function checkInitials(name: StartName, options: StartSettings): void {
  for (const [initial, schema] of Object.entries({ initialDepth, initialWidth })) {
    const value = options[initial as "initialDepth" | "initialWidth"];
    const usual = schema["~standard"].validate(undefined);
    if (value === undefined || ("value" in usual && value === usual.value)) continue;
    throw new MethodError(
      "method/option",
      `\`${initial}\` and \`start: "${name}"\` both say where learning starts. Leave one of them out.`,
      { expected: `${initial} or start`, actual: "both" },
    );
  }
}

function addedTwice(name: StartName): MethodError {
  return new MethodError(
    "method/option",
    `\`perturbation\` and \`noise\` of \`start: "${name}"\` are both added to what new units hold. Leave one of them out.`,
    { expected: "perturbation or noise", actual: "both" },
  );
}

import type * as tf from "@ligo/tfjs";
import { EngineError } from "./engine-error.js";
import type { Numbers, Program, ProgramValues, TensorSpec, TensorSpecs } from "./program.js";
import { sizeOf } from "./trace/graph.js";

const typeOf = (data: Numbers): string =>
  data instanceof Float32Array
    ? "float32"
    : data instanceof Int32Array
      ? "int32"
      : (data as object).constructor.name;

function check(kind: string, specs: TensorSpecs, given: Readonly<Record<string, Numbers>>): void {
  for (const [name, { shape, dtype }] of Object.entries(specs)) {
    const data = given[name];
    const expected = `${dtype} [${shape.join()}]`;
    if (!data)
      throw new EngineError("engine/missing", `The ${kind} tensor ${name} is missing.`, {
        tensor: name,
        expected,
        actual: "nothing",
      });
    const actual = `${typeOf(data)}, ${data.length} numbers`;
    if (data.length !== sizeOf(shape) || typeOf(data) !== dtype) {
      throw new EngineError(
        "engine/wrong-input",
        `The ${kind} tensor ${name} should be ${expected} but is ${actual}.`,
        {
          tensor: name,
          expected,
          actual,
        },
      );
    }
  }
}

/** Throws where a starting value is missing or has the wrong size or type. */
export function checkValues(program: Program, values: ProgramValues): void {
  check("state", program.state, values.state);
  check("frozen", program.frozen, values.frozen);
}

/** Throws where a name is not one of a kind of tensors that a program declares. */
export function checkNames(kind: string, specs: TensorSpecs, names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(specs, name)) continue;
    throw new EngineError("engine/missing", `The program has no ${kind} tensor ${name}.`, {
      tensor: name,
      expected: `a declared ${kind} tensor`,
      actual: name,
    });
  }
}

/** Throws where a value that is to be written is not declared or has the wrong size or type. */
export function checkWritten(program: Program, values: Partial<ProgramValues>): void {
  for (const kind of ["state", "frozen"] as const) {
    const given = values[kind] ?? {};
    const names = Object.keys(given);
    checkNames(kind, program[kind], names);
    check(
      kind,
      Object.fromEntries(names.map((name) => [name, program[kind][name] as TensorSpec])),
      given,
    );
  }
}

/** Throws where an input of a step is missing or has the wrong size or type. */
export function checkInputs(program: Program, inputs: Readonly<Record<string, Numbers>>): void {
  check("input", program.inputs, inputs);
}

/** Throws where a step returns a state tensor that is not declared, or not of the declared size and type. */
export function checkState(
  program: Program,
  name: string,
  { shape, size, dtype }: tf.Tensor,
): void {
  const declared = Object.hasOwn(program.state, name) ? program.state[name] : undefined;
  if (declared && sizeOf(declared.shape) === size && declared.dtype === dtype) return;
  const actual = `${dtype} [${shape.join()}]`;
  const expected = declared
    ? `${declared.dtype} [${declared.shape.join()}]`
    : "a declared state tensor";
  throw new EngineError(
    "engine/state-shape",
    `The step returns state ${name} as ${actual}, expected ${expected}.`,
    {
      tensor: name,
      expected,
      actual,
    },
  );
}

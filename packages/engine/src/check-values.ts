import { EngineError } from "./engine-error.js";
import type { Numbers, Program, ProgramValues, TensorSpecs } from "./program.js";
import { sizeOf } from "./trace/graph.js";

function check(kind: string, specs: TensorSpecs, given: Readonly<Record<string, Numbers>>): void {
  for (const [name, { shape, dtype }] of Object.entries(specs)) {
    const data = given[name];
    const expected = `${dtype} [${shape.join()}]`;
    if (!data) throw new EngineError("engine/missing", `The ${kind} tensor ${name} is missing.`, { tensor: name, expected, actual: "nothing" });
    const actual = `${data instanceof Float32Array ? "float32" : "int32"}, ${data.length} numbers`;
    if (data.length !== sizeOf(shape) || data instanceof Float32Array !== (dtype === "float32")) {
      throw new EngineError("engine/wrong-input", `The ${kind} tensor ${name} should be ${expected} but is ${actual}.`, {
        tensor: name,
        expected,
        actual,
      });
    }
  }
}

/** Throws where a starting value is missing or has the wrong size or type. */
export function checkValues(program: Program, values: ProgramValues): void {
  check("state", program.state, values.state);
  check("frozen", program.frozen, values.frozen);
}

/** Throws where an input of a step is missing or has the wrong size or type. */
export function checkInputs(program: Program, inputs: Readonly<Record<string, Numbers>>): void {
  check("input", program.inputs, inputs);
}

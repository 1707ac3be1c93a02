import type { Program } from "../program.js";
import { reachable, readersOf, type Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import { MOVES } from "./half-products.js";
import { rewrite } from "./rewrite.js";

/** A program that takes some of its frozen tensors in float16. */
export interface HalfInputs {
  /** Those are its inputs `half/<name>` in place of `frozen/<name>`. */
  readonly traced: TracedProgram;
  /** Their names. */
  readonly halves: ReadonlySet<string>;
}

/**
 * A program whose unshared frozen tensors come in float16 where nothing reads them but what rounds them to it, perhaps moved
 * before: what is held takes half the memory, and is rounded once and not in every step. The numbers of its products stay
 * the same.
 */
export function takeHalves({ unshared = [] }: Program, program: TracedProgram): HalfInputs {
  const { graph } = program;
  const nodes = reachable(Object.values(program.outputs));
  const readers = readersOf(nodes);
  const returned = new Set(Object.values(program.outputs).map(({ id }) => id));
  const isRounded = (value: Value): boolean =>
    !returned.has(value.id) &&
    (readers.get(value.id) ?? []).every(({ inputs, operation, outputs }) => {
      const result = outputs[0] as Value;
      if (operation === "Cast") return result.type === "float16";
      return MOVES.has(operation) && inputs[0] === value && isRounded(result);
    });
  const held = unshared.flatMap((name): [string, Value][] => {
    const value = program.inputs.get(`frozen/${name}`);
    return value && readers.has(value.id) && isRounded(value) ? [[name, value]] : [];
  });
  if (held.length === 0) return { traced: program, halves: new Set() };
  const inputs = new Map(program.inputs);
  const halves = new Map<number, Value>();
  for (const [name, { id, shape }] of held) {
    const half = graph.input(`half/${name}`, shape, "float16");
    inputs.set(`half/${name}`, half);
    halves.set(id, half);
  }
  const traced = rewrite(
    program,
    nodes,
    ({ attributes, inputs: [first, ...rest], operation, outputs }) => {
      const half = first && halves.get(first.id);
      if (!half) return undefined;
      if (operation === "Cast") return [half];
      const [result] = outputs as [Value];
      const moved = graph.one(operation, [half, ...rest], result.shape, "float16", attributes);
      halves.set(result.id, moved);
      return [moved];
    },
  );
  return { traced: { ...traced, inputs }, halves: new Set(held.map(([name]) => name)) };
}

import { EngineError } from "../engine-error.js";
import type { Program } from "../program.js";
import type { TracedProgram } from "../trace/trace.js";
import { recomputeActivations, type RecomputeOptions } from "./recompute.js";

/** A traced program with the forward pass of the output that it names computed anew in the backward pass, if it names one. */
export function withRecomputing(
  program: Program,
  traced: TracedProgram,
  waitBy: RecomputeOptions["waitBy"] = "shape",
): TracedProgram {
  if (program.recompute === undefined) return traced;
  const loss = traced.outputs[`output/${program.recompute}`];
  if (!loss)
    throw new EngineError(
      "engine/recompute",
      `The step is to compute the forward pass of its output ${program.recompute} anew, but has no such output.`,
      { expected: program.recompute, actual: Object.keys(traced.outputs).join(", ") },
    );
  return { ...traced, outputs: recomputeActivations({ ...traced, loss, waitBy }) };
}

import { axisSpaces, headCount, parameterShape } from "../layout/layout-names.js";
import type { Layout, Parameter, Role } from "../layout/layout.js";
import { total } from "./growth-costs.js";
import { ATTENTION_SPACES, hasRole, spacesOf, type FlopsOptions } from "./used-positions.js";

/** Bytes of float32 activations of a training step. */
export interface ActivationBytes {
  /** All that the backward pass reads is kept. */
  readonly kept: number;
  /** The inputs of layers are kept, and the rest of each layer is computed anew (activation checkpointing). */
  readonly recomputed: number;
}

const FLOAT_BYTES = 4;

/**
 * Share on top: what the backward pass of a layer holds at once, and the gaps between blocks of memory. With it estimates lie
 * within a tenth of measured peaks of `onnx` on the CPU, and up to a quarter above them with activations computed anew
 * (Llama, GPT-2, BERT; 256 and 1024 tokens a sequence).
 */
const WORKING = 1.25;

/** The space of the states between layers. */
const STREAM = "embed";

/**
 * Estimates what the activations of a training step take, from shapes alone. A token keeps, in every layer: the input and
 * the output of norms; queries, keys, values and their sum; all that stands between the layers of the MLP, which are its
 * inputs, the activation and what is made on the way; and a weight of every head for every token of its sequence. For
 * labelled tokens logits, their exponentials and their gradient come on top. (Korthikanti et al., 2022, equation 1, counts
 * in the same way for half precision.)
 */
export function activationBytes(layout: Layout, work: FlopsOptions): ActivationBytes {
  const { labelledFraction, sequence, tokens } = work;
  const stream = layout.spaces[STREAM]?.size ?? 0;
  const vocabulary = layout.spaces["vocab"]?.size ?? 0;
  const logits = 3 * labelledFraction * vocabulary;
  let [kept, inputs, largest] = [0, 0, 0];
  for (const [name, { layers }] of Object.entries(layout.stacks)) {
    const layer = layerFloats(layout, name, sequence);
    kept += layers * layer;
    inputs += layers * stream;
    largest = Math.max(largest, layer);
  }
  const bytes = (floats: number): number => WORKING * FLOAT_BYTES * tokens * floats;
  return { kept: bytes(kept + logits), recomputed: bytes(inputs + largest + logits) };
}

/** Numbers that a token keeps in one layer of a stack. */
function layerFloats(layout: Layout, stack: string, sequence: number): number {
  const own = layout.parameters.filter(
    (parameter) => parameter.stack === stack && parameter.mirrorOf === undefined,
  );
  const norms = own
    .filter(({ norm }) => norm !== undefined)
    .map((parameter) => normedSize(layout, parameter));
  const weights = own.filter((parameter) => hasRole(parameter, "in") && hasRole(parameter, "out"));
  const written = weights.flatMap((weight) => innerSpaces(weight, "out"));
  const read = weights.flatMap((weight) => innerSpaces(weight, "in"));
  // between the activation of an MLP and its input
  const made = [...new Set(read)].filter(
    (name) => written.includes(name) && !ATTENTION_SPACES.has(name),
  );
  const sizeOf = (name: string): number => layout.spaces[name]?.size ?? 0;
  const scores = layout.spaces["query"] ?? layout.spaces["key"];
  const heads = scores === undefined ? 0 : headCount(scores);
  return (
    2 * total(norms) +
    total([...written, ...read, ...made].map((name) => sizeOf(name))) +
    heads * sequence
  );
}

/** Numbers that a norm runs over in one token: those of every head where it is a norm of heads. */
function normedSize(layout: Layout, parameter: Parameter): number {
  const [name = ""] = parameter.axes.flatMap(axisSpaces);
  const whole = Object.values(layout.spaces).find(({ normedBy }) => normedBy === name);
  return whole?.size ?? parameterShape(layout, parameter)[0] ?? 0;
}

const innerSpaces = (parameter: Parameter, role: Role): readonly string[] =>
  spacesOf(parameter, role).filter((name) => name !== STREAM);

/** Share of a device's memory that a step is given; the rest is for the driver, the screen and blocks that do not fit. */
const USABLE = 0.9;

/**
 * Sequences of a step that fit a device: the largest batch whose activations fit beside a state; 0 where not even one does.
 *
 * @param device bytes of memory
 * @param state bytes that any batch needs: weights, gradients, moments
 * @param sequenceBytes bytes of the activations of one sequence
 */
export const largestBatch = (device: number, state: number, sequenceBytes: number): number =>
  Math.max(0, Math.floor((USABLE * device - state) / sequenceBytes));

import { LayoutError } from "@ligo/core";
import type { BufferNumbers, ResolvedTensors, TensorCopy } from "@ligo/core/layout";
import { CheckpointError, roundedTo, type Checkpoint, type OutputDtype } from "@ligo/checkpoint";
import type { ModelSpec } from "./model-spec.js";

/** Numbers that are compared at a time. */
const PART = 2 ** 20;

/**
 * Looks whether stored tensors that are not read hold what they must: copies the numbers of what is read in their place, buffers
 * what transformers makes anew. Weights on the hub of which only headers are here are passed over.
 *
 * Throws `LayoutError`: `layout/copy-differs`, `layout/buffer-differs`.
 */
export async function checkDropped(
  checkpoint: Checkpoint,
  { buffers, copies }: Pick<ResolvedTensors, "buffers" | "copies">,
  spec: ModelSpec,
): Promise<void> {
  try {
    for (const copy of copies) {
      const place = await firstDifference(checkpoint, copy);
      if (place !== undefined) throw copyDiffers(copy, spec, place);
    }
    for (const [stored, holds] of buffers) await checkBuffer(checkpoint, stored, holds);
  } catch (error) {
    const isAway = error instanceof CheckpointError && error.code === "checkpoint/headers-only";
    if (!isAway) throw error;
  }
}

/** Words for where two tensors differ first; `undefined` where they are the same, rounded to the shorter of their dtypes. */
async function firstDifference(
  checkpoint: Checkpoint,
  { of, stored }: TensorCopy,
): Promise<string | undefined> {
  const [one, other] = [checkpoint.headers.get(stored), checkpoint.headers.get(of)];
  const [shape, otherShape] = [one?.shape ?? [], other?.shape ?? []];
  if (String(shape) !== String(otherShape))
    return `their shapes are [${shape.join(", ")}] and [${otherShape.join(", ")}]`;
  const count = shape.reduce((product, size) => product * size, 1);
  for (let start = 0; start < count; start += PART) {
    const size = Math.min(PART, count - start);
    const [a, b] = [new Float32Array(size), new Float32Array(size)];
    await checkpoint.read(stored, a, start);
    await checkpoint.read(of, b, start);
    const [left, right] = [rounded(other?.dtype, a), rounded(one?.dtype, b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    if (at !== -1) return `number ${start + at} is ${a[at]} in one and ${b[at]} in the other`;
  }
  return undefined;
}

const rounded = (dtype: string | undefined, values: Float32Array): Float32Array =>
  dtype === "F16" || dtype === "BF16" ? roundedTo(dtype satisfies OutputDtype, values) : values;

function copyDiffers(
  { name, of, stored }: TensorCopy,
  { architecture, className, config, file }: ModelSpec,
  place: string,
): LayoutError {
  const parameter = architecture
    .layout({ ...config, tie_word_embeddings: false }, className)
    .parameters.find((one) => one.name === name);
  const tied = config["tie_word_embeddings"] === true;
  const canUntie = tied && parameter?.tiedTo === undefined && parameter?.mirrorOf === undefined;
  const advice = canUntie
    ? `Set "tie_word_embeddings": false in ${file} to keep both, or remove "${stored}" from the file to keep "${of}" for both.`
    : "Remove the one that is not meant from the file.";
  return new LayoutError(
    "layout/copy-differs",
    `"${stored}" must hold the numbers of "${of}"${tied ? ", as the config ties them (tie_word_embeddings)" : ""}, ` +
      `but it does not: ${place}. One of them would be lost. ${advice}`,
    { tensor: stored, expected: `the numbers of ${of}`, actual: place },
  );
}

/** Whether a number is what a buffer holds at its place; `width` is the length of its last axis, `height` that of the one before. */
type Rule = (value: number, index: number, width: number, height: number) => boolean;

interface KnownNumbers {
  readonly words: string;
  readonly rule: Rule;
}

const RULES: Readonly<Record<Exclude<BufferNumbers, readonly number[]>, KnownNumbers>> = {
  positions: { words: "0, 1, 2, ...", rule: (value, index, width) => value === index % width },
  zeros: { words: "zeros", rule: (value) => value === 0 },
  "causal-mask": {
    words: "ones on and below the diagonal, zeros above it",
    rule: (value, index, width, height) =>
      value === Number(index % width <= Math.floor(index / width) % height),
  },
  // in half precision it is minus infinity
  "mask-value": { words: "a very negative number", rule: (value) => value <= -1000 },
};

/** What is allowed for numbers in half precision, as a share. */
const HALF_PRECISION = 0.01;

const isNumbers = (holds: BufferNumbers): holds is readonly number[] => typeof holds !== "string";

/** Given numbers, up to a factor. */
function theseNumbers([first = 1, ...others]: readonly number[]): KnownNumbers {
  const expected = [first, ...others];
  let factor = 1;
  return {
    words: `the speeds of the config's rotary embeddings, ${expected.slice(0, 3).join(", ")}, ...`,
    rule(value, index, width) {
      if (index === 0) factor = value / first;
      const wanted = (expected[index % width] ?? Number.NaN) * factor;
      return Math.abs(value - wanted) <= HALF_PRECISION * Math.abs(wanted);
    },
  };
}

async function checkBuffer(
  checkpoint: Checkpoint,
  stored: string,
  holds: BufferNumbers,
): Promise<void> {
  const shape = checkpoint.headers.get(stored)?.shape ?? [];
  const [width = 1, height = 1] = shape.toReversed();
  const { rule, words } = isNumbers(holds) ? theseNumbers(holds) : RULES[holds];
  const count = shape.reduce((product, size) => product * size, 1);
  for (let start = 0; start < count; start += PART) {
    const values = new Float32Array(Math.min(PART, count - start));
    // numbers that are not finite are for the rule to judge
    await checkpoint.read(stored, values, start, async () => true);
    const at = values.findIndex((value, index) => !rule(value, start + index, width, height));
    if (at === -1) continue;
    const actual = `number ${start + at} is ${values[at]}`;
    throw new LayoutError(
      "layout/buffer-differs",
      `"${stored}" is a buffer that transformers makes anew, and must hold ${words}, but ${actual}: what the model computes with ` +
        "it would be lost. Remove it from the file if it is not meant.",
      { tensor: stored, expected: words, actual },
    );
  }
}

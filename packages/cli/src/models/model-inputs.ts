import { createRandom, nearestName, type Layout } from "@ligo/core";
import { openSafetensors, type SafetensorsFile } from "@ligo/checkpoint";
import { vocabularySize } from "./model-limits.js";
import { UsageError } from "../usage-error.js";

/** Inputs of a forward pass by Hugging Face name, all of shape [batch, sequence]. */
export interface ModelInputs {
  readonly shape: readonly [number, number];
  readonly arrays: Readonly<Record<string, Int32Array>>;
}

const IGNORED_LABEL = -100;
const NAMES = ["input_ids", "attention_mask", "token_type_ids", "labels"] as const;
type InputName = (typeof NAMES)[number];

/**
 * Reads inputs from a safetensors file: `input_ids` [batch, sequence] and, of the same shape, `attention_mask`,
 * `token_type_ids` and `labels`; I32 or I64. Throws `CheckpointError` and {@link UsageError}: `cli/unknown-input`,
 * `cli/missing-input`, `cli/input-dtype`, `cli/input-shape`, `cli/input-range`.
 */
export async function readInputs(path: string, layout: Layout): Promise<ModelInputs> {
  const file = await openSafetensors(path);
  try {
    checkNames(file);
    const [rows, sequence] = checkShapes(file, layout);
    const arrays: Record<string, Int32Array> = {};
    for (const name of file.tensors.keys()) {
      arrays[name] = await readIntegers(file, name as InputName, layout);
    }
    return { shape: [rows, sequence], arrays };
  } finally {
    await file.close();
  }
}

/** Random token ids [batch, sequence]: for comparing models where no inputs are given. */
export function randomInputs(
  layout: Layout,
  options: { readonly batch: number; readonly sequence: number; readonly seed: number },
): ModelInputs {
  const { batch, sequence, seed } = options;
  const random = createRandom(seed).fork("inputs");
  const size = vocabularySize(layout);
  const ids = Int32Array.from({ length: batch * sequence }, () => random.integer(size));
  return { shape: [batch, sequence], arrays: { input_ids: ids } };
}

function checkNames(file: SafetensorsFile): void {
  for (const name of file.tensors.keys()) {
    if ((NAMES as readonly string[]).includes(name)) continue;
    throw new UsageError(
      "cli/unknown-input",
      `${file.path}: "${name}" is no input of a model; the nearest is "${nearestName(name, NAMES) ?? ""}". ` +
        `Inputs are ${NAMES.join(", ")}.`,
      { file: file.path, tensor: name, expected: NAMES.join(", "), actual: name },
    );
  }
  if (file.tensors.has("input_ids")) return;
  const held = [...file.tensors.keys()].join(", ") || "no tensors";
  throw new UsageError("cli/missing-input", `${file.path} holds no "input_ids", but ${held}.`, {
    file: file.path,
    tensor: "input_ids",
    expected: "input_ids [batch, sequence]",
    actual: held,
  });
}

function checkShapes(file: SafetensorsFile, layout: Layout): readonly [number, number] {
  const shape = file.tensors.get("input_ids")?.shape ?? [];
  const [rows = 0, sequence = 0] = shape;
  const limit = layout.spaces["position"]?.size ?? sequence;
  if (shape.length !== 2 || rows < 1 || sequence < 1 || sequence > limit) {
    throw wrongShape(file.path, "input_ids", `[batch, 1 to ${limit}]`, shape);
  }
  for (const [name, tensor] of file.tensors) {
    const same =
      tensor.shape.length === 2 && tensor.shape[0] === rows && tensor.shape[1] === sequence;
    if (!same) throw wrongShape(file.path, name, `[${rows}, ${sequence}]`, tensor.shape);
  }
  return [rows, sequence];
}

function wrongShape(
  file: string,
  tensor: string,
  expected: string,
  shape: readonly number[],
): UsageError {
  const actual = `[${shape.join(", ")}]`;
  return new UsageError(
    "cli/input-shape",
    `${file}: "${tensor}" has shape ${actual}, expected ${expected}.`,
    { file, tensor, expected, actual },
  );
}

/** Which values an input may hold: from 0 to below the limit, and one more. */
function allowed(name: InputName, layout: Layout): { readonly limit: number; also?: number } {
  switch (name) {
    case "input_ids":
      return { limit: vocabularySize(layout) };
    case "labels":
      return { limit: vocabularySize(layout), also: IGNORED_LABEL };
    case "token_type_ids":
      return { limit: layout.spaces["type"]?.size ?? 1 };
    case "attention_mask":
      return { limit: 2 };
  }
}

async function readIntegers(
  file: SafetensorsFile,
  name: InputName,
  layout: Layout,
): Promise<Int32Array> {
  const dtype = file.tensors.get(name)?.dtype;
  if (dtype !== "I32" && dtype !== "I64") {
    throw new UsageError(
      "cli/input-dtype",
      `${file.path}: "${name}" is ${dtype ?? "absent"}; inputs are I32 or I64.`,
      { file: file.path, tensor: name, expected: "I32 or I64", actual: dtype },
    );
  }
  const values = await file.readTyped(name);
  const { limit, also } = allowed(name, layout);
  const integers = new Int32Array(values.length);
  for (const [index, raw] of values.entries()) {
    const value = Number(raw);
    if ((value < 0 || value >= limit) && value !== also) {
      const expected = `0 to ${limit - 1}${also === undefined ? "" : ` or ${also}`}`;
      throw new UsageError(
        "cli/input-range",
        `${file.path}: "${name}" holds ${value} at index ${index}; this model takes ${expected}.`,
        { file: file.path, tensor: name, expected, actual: String(value) },
      );
    }
    integers[index] = value;
  }
  if (name === "labels" && integers.every((value) => value === IGNORED_LABEL)) {
    throw new UsageError(
      "cli/input-range",
      `${file.path}: "labels" holds nothing but ${IGNORED_LABEL}, so there is no loss.`,
      { file: file.path, tensor: name, expected: "at least one label", actual: "none" },
    );
  }
  return integers;
}

import {
  openSafetensors,
  type Dtype,
  type SafetensorsFile,
  type TensorArray,
} from "@ligo/checkpoint";
import { createRandom, elementCount, nearestName } from "@ligo/core";
import { findNotFinite } from "@ligo/core/operator";
import type { Numbers, TensorSpecs } from "@ligo/engine";
import type { ModelInput, ModelInputs } from "@ligo/nn";
import type { ForwardInputs } from "../settings/values.js";
import { UsageError } from "../usage-error.js";

/** Numbers for a forward pass, by Hugging Face name. */
export interface InputBatch {
  readonly specs: TensorSpecs;
  readonly arrays: Readonly<Record<string, Numbers>>;
}

/** Sizes of the axes that are not fixed, as inputs have them. */
interface FreeSizes {
  batch?: number;
  sequence?: number;
}

/**
 * Inputs of a model, from memory or a safetensors file: integers as I32 or I64, numbers as F32. Throws `CheckpointError` and
 * {@link UsageError}: `sdk/unknown-input`, `sdk/missing-input`, `sdk/input-dtype`, `sdk/input-shape`, `sdk/input-range`.
 */
export async function readInputs(given: ForwardInputs, inputs: ModelInputs): Promise<InputBatch> {
  const file = typeof given === "string" ? await openSafetensors(given) : inputFile(given, inputs);
  try {
    checkNames(file, inputs);
    checkShapes(file, inputs);
    const arrays: Record<string, Numbers> = {};
    for (const name of file.tensors.keys()) {
      const input = inputs[name] as ModelInput;
      arrays[name] =
        input.dtype === "int32"
          ? await readIntegers(file, name, input)
          : await readFloats(file, name);
    }
    const specs = Object.fromEntries(
      [...file.tensors].map(([name, { shape }]) => [
        name,
        { shape, dtype: (inputs[name] as ModelInput).dtype },
      ]),
    );
    return { specs, arrays };
  } finally {
    await file.close();
  }
}

/** What reads inputs: a safetensors file, or the like in memory. */
type InputFile = Pick<SafetensorsFile, "path" | "tensors" | "read" | "readTyped" | "close">;

/** Inputs in memory, read as those of a file are. Lists of numbers take the dtype that the model wants. */
function inputFile(given: Exclude<ForwardInputs, string>, inputs: ModelInputs): InputFile {
  const arrays = new Map(
    Object.entries(given).map(([name, { data }]) => {
      if (!Array.isArray(data)) return [name, data as TensorArray] as const;
      const numbers = data as readonly number[];
      const isFloat = inputs[name]?.dtype === "float32";
      return [name, isFloat ? Float32Array.from(numbers) : Int32Array.from(numbers)] as const;
    }),
  );
  const dtypeOf = (data: TensorArray | undefined): Dtype =>
    data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "I64";
  const headers = Object.entries(given).map(([name, { shape }]) => {
    const data = arrays.get(name);
    checkLength(name, shape, data?.length ?? 0);
    return [name, { dtype: dtypeOf(data), shape, begin: 0, end: 0 }] as const;
  });
  return {
    path: "inputs",
    tensors: new Map(headers),
    read: async (name) => Float32Array.from(arrays.get(name) as Float32Array),
    readTyped: async (name) => arrays.get(name) ?? new Int32Array(0),
    close: async () => undefined,
  };
}

function checkLength(name: string, shape: readonly number[], length: number): void {
  const expected = elementCount(shape);
  if (length === expected) return;
  throw new UsageError(
    "sdk/input-shape",
    `inputs: "${name}" of shape [${shape.join(", ")}] holds ${length} numbers, expected ${expected}.`,
    { tensor: name, expected: String(expected), actual: String(length) },
  );
}

export interface RandomInputOptions {
  readonly batch: number;
  /** Positions of a sequence, where the model takes sequences; at most as many as it takes. */
  readonly sequence: number;
  readonly seed: number;
  /** Names of inputs that need not be given, but are to have values. */
  readonly also?: readonly string[];
}

/** Random values for every input a model needs: for comparing models where no inputs are given. */
export function randomInputs(inputs: ModelInputs, options: RandomInputOptions): InputBatch {
  const random = createRandom(options.seed).fork("inputs");
  const wanted = Object.entries(inputs).filter(
    ([name, { required }]) => required || options.also?.includes(name) === true,
  );
  const batch = wanted.map(([name, { axes, dtype, limit = 2 }]) => {
    const shape = axes.map((axis) => {
      if (axis === "batch") return options.batch;
      return typeof axis === "number" ? axis : Math.min(axis.sequence, options.sequence);
    });
    const length = elementCount(shape);
    const own = random.fork(name);
    const data =
      dtype === "int32"
        ? Int32Array.from({ length }, () => own.integer(limit))
        : Float32Array.from({ length }, () => own.normal());
    return { name, spec: { shape, dtype }, data };
  });
  return {
    specs: Object.fromEntries(batch.map(({ name, spec }) => [name, spec])),
    arrays: Object.fromEntries(batch.map(({ name, data }) => [name, data])),
  };
}

function checkNames(file: InputFile, inputs: ModelInputs): void {
  const names = Object.keys(inputs);
  for (const name of file.tensors.keys()) {
    if (names.includes(name)) continue;
    throw new UsageError(
      "sdk/unknown-input",
      `${file.path}: "${name}" is no input of this model; the nearest is "${nearestName(name, names) ?? ""}". ` +
        `Inputs are ${names.join(", ")}.`,
      { file: file.path, tensor: name, expected: names.join(", "), actual: name },
    );
  }
  for (const [name, { axes, required }] of Object.entries(inputs)) {
    if (!required || file.tensors.has(name)) continue;
    const held = [...file.tensors.keys()].join(", ") || "no tensors";
    throw new UsageError("sdk/missing-input", `${file.path} holds no "${name}", but ${held}.`, {
      file: file.path,
      tensor: name,
      expected: `${name} ${describeAxes(axes)}`,
      actual: held,
    });
  }
}

/** Needed inputs come first: they say how large the batch is. */
function checkShapes(file: InputFile, inputs: ModelInputs): void {
  const free: FreeSizes = {};
  const names = Object.keys(inputs).toSorted(
    (one, other) => Number(inputs[other]?.required) - Number(inputs[one]?.required),
  );
  for (const name of names) {
    const shape = file.tensors.get(name)?.shape;
    if (shape === undefined) continue;
    const { axes } = inputs[name] as ModelInput;
    const fits =
      shape.length === axes.length &&
      axes.every((axis, index) => {
        const size = shape[index] ?? 0;
        if (typeof axis === "number") return size === axis;
        if (axis === "batch") return size === (free.batch ?? size) && size > 0;
        return size === (free.sequence ?? size) && size > 0 && size <= axis.sequence;
      });
    if (!fits) {
      const expected = describeAxes(axes, free);
      const actual = `[${shape.join(", ")}]`;
      throw new UsageError(
        "sdk/input-shape",
        `${file.path}: "${name}" has shape ${actual}, expected ${expected}.`,
        { file: file.path, tensor: name, expected, actual },
      );
    }
    for (const [index, axis] of axes.entries()) {
      const size = shape[index] ?? 0;
      if (axis === "batch") free.batch = size;
      else if (typeof axis === "object") free.sequence = size;
    }
  }
}

function describeAxes(axes: ModelInput["axes"], { batch, sequence }: FreeSizes = {}): string {
  const sizes = axes.map((axis) => {
    if (axis === "batch") return batch ?? "batch";
    if (typeof axis === "number") return axis;
    return sequence ?? (Number.isFinite(axis.sequence) ? `1 to ${axis.sequence}` : "sequence");
  });
  return `[${sizes.join(", ")}]`;
}

function wrongDtype(file: InputFile, name: string, expected: string): UsageError {
  const actual = file.tensors.get(name)?.dtype ?? "absent";
  return new UsageError(
    "sdk/input-dtype",
    `${file.path}: "${name}" is ${actual}; it must be ${expected}.`,
    { file: file.path, tensor: name, expected, actual },
  );
}

async function readFloats(file: InputFile, name: string): Promise<Float32Array> {
  if (file.tensors.get(name)?.dtype !== "F32") throw wrongDtype(file, name, "F32");
  const values = await file.read(name);
  const index = findNotFinite(values);
  if (index < 0) return values;
  const actual = String(values[index]);
  throw new UsageError(
    "sdk/input-range",
    `${file.path}: "${name}" holds ${actual} at index ${index}; numbers must be finite.`,
    { file: file.path, tensor: name, expected: "finite numbers", actual },
  );
}

async function readIntegers(
  file: InputFile,
  name: string,
  { limit = 2 ** 31, ignored }: ModelInput,
): Promise<Int32Array> {
  const dtype = file.tensors.get(name)?.dtype;
  if (dtype !== "I32" && dtype !== "I64") throw wrongDtype(file, name, "I32 or I64");
  const values = await file.readTyped(name);
  const integers = new Int32Array(values.length);
  for (const [index, raw] of values.entries()) {
    const value = Number(raw);
    if ((value < 0 || value >= limit) && value !== ignored) {
      const expected = `0 to ${limit - 1}${ignored === undefined ? "" : ` or ${ignored}`}`;
      throw new UsageError(
        "sdk/input-range",
        `${file.path}: "${name}" holds ${value} at index ${index}; this model takes ${expected}.`,
        { file: file.path, tensor: name, expected, actual: String(value) },
      );
    }
    integers[index] = value;
  }
  if (ignored !== undefined && integers.every((value) => value === ignored)) {
    throw new UsageError(
      "sdk/input-range",
      `${file.path}: "${name}" holds nothing but ${ignored}, so there is no loss.`,
      { file: file.path, tensor: name, expected: "at least one label", actual: "none" },
    );
  }
  return integers;
}

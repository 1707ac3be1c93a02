import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  joinFiles,
  type Checkpoint,
  type SafetensorsFile,
  type TensorArray,
} from "@ligo/checkpoint";
import { elementCount } from "@ligo/core";
import { UsageError } from "../usage-error.js";
import type { MemoryModel, ModelTensor } from "./model-source.js";

/** Name that messages give a model in memory. */
export const IN_MEMORY = "the model in memory";

/** Dtypes of tensors in memory, and how their numbers are held. */
const HELD = {
  F32: Float32Array,
  F16: Float32Array,
  BF16: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

type HeldDtype = keyof typeof HELD;

/** A model in memory as a checkpoint, and a folder for what reads its companions as files. */
export interface MemoryCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Folder with the companions, made when it is first asked for and removed when the checkpoint is closed. */
  readonly companionFolder: () => Promise<string>;
}

/**
 * A model in memory read as a checkpoint is. Its numbers are not copied. Throws `sdk/bad-tensor` where a tensor's dtype, shape
 * and numbers do not go together, `sdk/bad-companion` for a companion of a name that is none.
 */
export function memoryCheckpoint(model: MemoryModel): MemoryCheckpoint {
  for (const [name, tensor] of model.tensors) checkTensor(name, tensor);
  for (const name of model.companions?.keys() ?? []) checkCompanion(name);
  const checkpoint = joinFiles(IN_MEMORY, `${IN_MEMORY}: config`, model.config, [
    memoryFile(model),
  ]);
  let folder: Promise<string> | undefined;
  return {
    checkpoint: {
      ...checkpoint,
      async close() {
        if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
      },
    },
    companionFolder() {
      folder ??= writeCompanions(model);
      return folder;
    },
  };
}

async function writeCompanions({ companions = new Map() }: MemoryModel): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ligo-companions-"));
  for (const [name, contents] of companions) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), contents);
  }
  return folder;
}

function memoryFile({ tensors }: MemoryModel): SafetensorsFile {
  const numbersOf = (name: string): TensorArray => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new RangeError(`There is no tensor ${name}.`);
    return tensor.data;
  };
  const headers = [...tensors].map(([name, { dtype, shape }]) => {
    const header = { dtype: dtype as HeldDtype, shape, begin: 0, end: 0 };
    return [name, header] as const;
  });
  return {
    path: IN_MEMORY,
    metadata: {},
    tensors: new Map(headers),
    async read(name, into, start = 0) {
      const numbers = numbersOf(name);
      const isBoolean = tensors.get(name)?.dtype === "BOOL";
      const target = into ?? new Float32Array(numbers.length);
      if (numbers instanceof Float32Array) {
        target.set(numbers.subarray(start, start + target.length));
        return target;
      }
      for (let index = 0; index < target.length; index++) {
        const value = Number(numbers[start + index]);
        target[index] = isBoolean ? Number(value !== 0) : value;
      }
      return target;
    },
    readTyped: async (name) => numbersOf(name),
    close: async () => undefined,
  };
}

function checkTensor(name: string, { data, dtype, shape }: ModelTensor): void {
  const bad = (what: string, expected: string, actual: string): UsageError =>
    new UsageError(
      "sdk/bad-tensor",
      `The tensor "${name}" in memory ${what} ${actual}; expected ${expected}.`,
      { tensor: name, expected, actual },
    );
  if (!Object.hasOwn(HELD, dtype)) throw bad("has the dtype", Object.keys(HELD).join(", "), dtype);
  const Held = HELD[dtype as HeldDtype];
  if (!(data instanceof Held)) {
    const actual = (data as object | undefined)?.constructor.name ?? "nothing";
    throw bad(`of dtype ${dtype} is held as`, Held.name, actual);
  }
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape) throw bad("has the shape", "whole numbers", `[${shape.join(", ")}]`);
  const numbers = elementCount(shape);
  if (data.length !== numbers) {
    throw bad(`of shape [${shape.join(", ")}] holds`, `${numbers} numbers`, `${data.length}`);
  }
}

function checkCompanion(name: string): void {
  if (/^\w[\w.-]*(?:\/\w[\w.-]*)?$/u.test(name)) return;
  throw new UsageError(
    "sdk/bad-companion",
    `A companion cannot be called ${JSON.stringify(name)}: name a file such as tokenizer.json, at most in one folder.`,
    { expected: "the name of a file", actual: name },
  );
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSafetensors, readConfig } from "@ligo/checkpoint";
import type {
  FixtureTensor,
  FixtureTensors,
  RecordedCheckpoint,
  RecordedDropout,
} from "./fixtures.js";

/** All tensors of a safetensors file: integers as int32, floats as float32. Throws `CheckpointError`. */
export async function readTensors(path: string): Promise<FixtureTensors> {
  const file = await openSafetensors(path);
  try {
    const tensors = new Map<string, FixtureTensor>();
    for (const [name, { shape }] of file.tensors) {
      const data = await file.readTyped(name);
      const isInteger = data instanceof Int32Array || data instanceof BigInt64Array;
      tensors.set(name, {
        shape,
        data: isInteger ? Int32Array.from(data, Number) : await file.read(name),
      });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

/**
 * Reads a recorded checkpoint: a folder with `config.json`, `model.safetensors`, `inputs.safetensors` (the batch) and
 * `expected.safetensors` (outputs; `loss` [1]; gradients as `grad.<parameter>`), perhaps `dropout.json`. Throws
 * `CheckpointError`.
 */
export async function readRecordedCheckpoint(
  folder: string | URL,
  options: Pick<RecordedCheckpoint, "objective" | "unequalCopies" | "zeroGradients"> = {},
): Promise<RecordedCheckpoint> {
  const path = typeof folder === "string" ? folder : fileURLToPath(folder);
  const weights = join(path, "model.safetensors");
  const [config, file, tensors, inputs, expected, dropout] = await Promise.all([
    readConfig(path),
    readFile(weights),
    readTensors(weights),
    readTensors(join(path, "inputs.safetensors")),
    readTensors(join(path, "expected.safetensors")),
    readDropout(join(path, "dropout.json")),
  ]);
  const outputs = new Map<string, FixtureTensor>();
  const gradients = new Map<string, FixtureTensor>();
  for (const [name, tensor] of expected) {
    if (name.startsWith("grad.")) gradients.set(name.slice("grad.".length), tensor);
    else if (name !== "loss") outputs.set(name, tensor);
  }
  const loss = expected.get("loss")?.data[0];
  return {
    ...options,
    name: path.split(/[\\/]/u).findLast((part) => part !== "") ?? path,
    config,
    tensors,
    file,
    inputs,
    outputs,
    ...(loss === undefined ? {} : { loss }),
    ...(gradients.size === 0 ? {} : { gradients }),
    ...(dropout === undefined ? {} : { dropout }),
  };
}

async function readDropout(path: string): Promise<RecordedDropout | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as RecordedDropout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

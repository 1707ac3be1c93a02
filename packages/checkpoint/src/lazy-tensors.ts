import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@ligo/core/json";
import { INDEX_NAME, WEIGHTS_NAME } from "./checkpoint-files.js";
import { DTYPE_BYTES, isReadableDtype, type Dtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.js";
import {
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorHeader,
} from "./safetensors-header.js";
import type { TensorArray } from "./open-safetensors.js";

/** A stored tensor whose numbers are read when they are first asked for. */
export interface LazyTensor {
  /** As it is stored. */
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Numbers, row-major: F16 and BF16 as float32, integers as they are. Read, blocking, at the first access, and kept. */
  readonly data: TensorArray;
}

/** A safetensors file with its numbers still on the disk. */
export interface LazyFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of their data. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
}

/**
 * The tensors of a checkpoint folder (`model.safetensors`, or its shards), by their names on disk. Headers are read at once
 * and blocking, numbers when they are asked for. Throws `CheckpointError`.
 */
export function lazyTensors(folder: string): ReadonlyMap<string, LazyTensor> {
  const index = join(folder, INDEX_NAME);
  if (!existsSync(index)) return lazyFile(join(folder, WEIGHTS_NAME)).tensors;
  const { weight_map: weightMap } = parseJson(readFileSync(index)) as {
    readonly weight_map: Readonly<Record<string, string>>;
  };
  const shards = [...new Set(Object.values(weightMap))].toSorted();
  return new Map(shards.flatMap((shard) => [...lazyFile(join(folder, shard)).tensors]));
}

/** A safetensors file; its header is read at once and blocking. Throws `CheckpointError`. */
export function lazyFile(file: string): LazyFile {
  const { metadata, tensors } = readHeader(file);
  return {
    metadata,
    tensors: new Map([...tensors].map(([name, header]) => [name, lazyTensor(file, name, header)])),
  };
}

function lazyTensor(file: string, name: string, header: TensorHeader): LazyTensor {
  const { dtype, shape } = header;
  let known: TensorArray | undefined;
  return {
    dtype,
    shape,
    get data() {
      known ??= readNumbers(file, name, header);
      return known;
    },
  };
}

function withFile<T>(file: string, work: (descriptor: number) => T): T {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (cause) {
    throw new CheckpointError("checkpoint/unreadable", `${file} cannot be read.`, { file, cause });
  }
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readHeader(file: string): SafetensorsHeader {
  return withFile(file, (descriptor) => {
    const { size } = fstatSync(descriptor);
    const prefix = readBytes(descriptor, file, 0, Math.min(LENGTH_BYTES, size));
    const bytes = readBytes(descriptor, file, LENGTH_BYTES, headerLength(prefix, size, file));
    return parseHeader(bytes, size, file);
  });
}

function readNumbers(file: string, name: string, { dtype, begin, end }: TensorHeader): TensorArray {
  if (!isReadableDtype(dtype)) {
    throw new CheckpointError(
      "checkpoint/unsupported-dtype",
      `Tensor ${JSON.stringify(name)} in ${file} is ${dtype}, which LiGO does not read.`,
      { file, tensor: name, actual: dtype },
    );
  }
  const bytes = withFile(file, (descriptor) => readBytes(descriptor, file, begin, end - begin));
  const count = bytes.length / DTYPE_BYTES[dtype];
  if (dtype === "F16" || dtype === "BF16") {
    const values = new Float32Array(count);
    const widen = dtype === "F16" ? float16ToFloat32 : bfloat16ToFloat32;
    widen(new Uint16Array(bytes.buffer, 0, count), values);
    return values;
  }
  if (dtype === "F32") return new Float32Array(bytes.buffer, 0, count);
  if (dtype === "F64") return new Float64Array(bytes.buffer, 0, count);
  if (dtype === "I64") return new BigInt64Array(bytes.buffer, 0, count);
  return dtype === "I32" ? new Int32Array(bytes.buffer, 0, count) : bytes;
}

/** Bytes in a buffer of their own, which so starts aligned. */
function readBytes(
  descriptor: number,
  file: string,
  begin: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = readSync(descriptor, bytes, at, length - at, begin + at);
    if (count === 0) {
      throw new CheckpointError(
        "checkpoint/truncated",
        `${file} ends before byte ${begin + length}.`,
        {
          file,
          expected: `${begin + length} bytes`,
          actual: `${begin + at} bytes`,
        },
      );
    }
    at += count;
  }
  return bytes;
}

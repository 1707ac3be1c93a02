import type { FileHandle } from "node:fs/promises";
import { DTYPE_BYTES, isReadableDtype, type ReadableDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.js";
import { openRegularFile, readFully } from "./regular-file.js";
import {
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorHeader,
} from "./safetensors-header.js";

/** Numbers that {@link SafetensorsFile.readTyped} returns: F32, F16, BF16; F64; I64; I32; U8 and BOOL. */
export type TensorArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** An open safetensors file. Only its header is in memory. Reads may run at the same time. */
export interface SafetensorsFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name, in the order of their data. */
  readonly tensors: ReadonlyMap<string, TensorHeader>;
  /**
   * Values of a tensor as float32, row-major: all in a new array, or as many as `into` is long from value `start` (default
   * 0) on, in `into`. F64 and large integers are rounded to the nearest float32.
   */
  read(name: string, into?: Float32Array, start?: number): Promise<Float32Array>;
  /** All values of a tensor, row-major, exact: F16 and BF16 come as float32, BOOL as bytes. */
  readTyped(name: string): Promise<TensorArray>;
  /** Releases the file. Closing twice is fine; reading afterwards is an error. */
  close(): Promise<void>;
}

/** 16-bit values are widened by chunks of this many, so that no second copy of the tensor is held. */
const CHUNK_ELEMENTS = 4 * 1024 * 1024;

/** Opens a safetensors file: reads and checks the header, nothing else. Throws `CheckpointError`. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const { handle, size } = await openRegularFile(path);
  let header: SafetensorsHeader;
  try {
    header = await readHeader(handle, size, path);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return createReader(path, handle, header);
}

function createReader(
  path: string,
  handle: FileHandle,
  header: SafetensorsHeader,
): SafetensorsFile {
  let closed = false;
  const { metadata, tensors } = header;
  const readTyped = async (name: string, into?: Float32Array, start = 0): Promise<TensorArray> => {
    if (closed) {
      throw new CheckpointError(
        "checkpoint/closed",
        `${path} was closed before ${name} was read.`,
        {
          file: path,
          tensor: name,
        },
      );
    }
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      throw new CheckpointError(
        "checkpoint/no-such-tensor",
        `${path} has no tensor ${JSON.stringify(name)}.`,
        {
          file: path,
          tensor: name,
        },
      );
    }
    const { dtype, begin, end } = tensor;
    if (!isReadableDtype(dtype)) {
      throw new CheckpointError(
        "checkpoint/unsupported-dtype",
        `Tensor ${JSON.stringify(name)} in ${path} is ${dtype}, which LiGO does not read. Convert it to F32, F16 or BF16.`,
        {
          file: path,
          tensor: name,
          expected: "F32, F16, BF16, F64, I64, I32, U8 or BOOL",
          actual: dtype,
        },
      );
    }
    const elements = (end - begin) / DTYPE_BYTES[dtype];
    if (into === undefined)
      return readValues(handle, dtype, begin, allocate(dtype, elements, path, name), path);
    if (start + into.length > elements) {
      const wanted = `${start} to ${start + into.length}`;
      throw new RangeError(`${name} has ${elements} values; those from ${wanted} were asked for.`);
    }
    const isFloat = dtype === "F32" || dtype === "F16" || dtype === "BF16";
    const values = isFloat ? into : allocate(dtype, into.length, path, name);
    return readValues(handle, dtype, begin + start * DTYPE_BYTES[dtype], values, path);
  };
  return {
    path,
    metadata,
    tensors,
    readTyped: (name) => readTyped(name),
    async read(name, into, start) {
      const values = await readTyped(name, into, start);
      if (values instanceof Float32Array) return values;
      const numbers = into ?? new Float32Array(values.length);
      if (values instanceof BigInt64Array)
        for (const [index, value] of values.entries()) numbers[index] = Number(value);
      else if (tensors.get(name)?.dtype === "BOOL")
        for (const [index, byte] of values.entries()) numbers[index] = byte === 0 ? 0 : 1;
      else numbers.set(values);
      return numbers;
    },
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

async function readValues(
  handle: FileHandle,
  dtype: ReadableDtype,
  begin: number,
  values: TensorArray,
  file: string,
): Promise<TensorArray> {
  if (dtype !== "F16" && dtype !== "BF16") {
    const { buffer, byteOffset, byteLength } = values;
    await readFully(handle, new Uint8Array(buffer, byteOffset, byteLength), begin, file);
    return values;
  }
  const elements = values.length;
  const widen = dtype === "F16" ? float16ToFloat32 : bfloat16ToFloat32;
  const chunk = new Uint16Array(Math.min(CHUNK_ELEMENTS, elements));
  for (let at = 0; at < elements; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, elements - at));
    await readFully(handle, new Uint8Array(part.buffer, 0, part.byteLength), begin + 2 * at, file);
    widen(part, (values as Float32Array).subarray(at, at + part.length));
  }
  return values;
}

/** Every new array has a buffer of its own: aligned, and free to be transferred or changed. */
function allocate(dtype: ReadableDtype, elements: number, file: string, name: string): TensorArray {
  try {
    switch (dtype) {
      case "F64":
        return new Float64Array(elements);
      case "I64":
        return new BigInt64Array(elements);
      case "I32":
        return new Int32Array(elements);
      case "U8":
      case "BOOL":
        return new Uint8Array(elements);
      default:
        return new Float32Array(elements);
    }
  } catch (cause) {
    throw new CheckpointError(
      "checkpoint/tensor-too-large",
      `Tensor ${JSON.stringify(name)} in ${file} has ${elements} elements, more than one array can hold here.`,
      { file, tensor: name, actual: `${elements} elements`, cause },
    );
  }
}

async function readHeader(
  handle: FileHandle,
  size: number,
  file: string,
): Promise<SafetensorsHeader> {
  const prefix = new Uint8Array(Math.min(LENGTH_BYTES, size));
  await readFully(handle, prefix, 0, file);
  const bytes = new Uint8Array(headerLength(prefix, size, file));
  await readFully(handle, bytes, LENGTH_BYTES, file);
  return parseHeader(bytes, size, file);
}

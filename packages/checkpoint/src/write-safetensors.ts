import type { FileHandle } from "node:fs/promises";
import { writeAtomically, writeFully } from "./atomic-file.js";
import type { OutputDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { float32ToBfloat16, float32ToFloat16 } from "./half.js";
import { coordinates, formatShape } from "./shape.js";
import {
  collectSources,
  placeSources,
  renderHeader,
  type PlannedSource,
  type TensorSource,
} from "./tensor-plan.js";

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /** Dtype floats are written in. Default `F32`. Values too large for it are refused, not turned into infinities. */
  readonly dtype?: OutputDtype | undefined;
  /** Strings for `__metadata__`. Default none; checkpoints need `{ format: "pt" }` to be loaded by PyTorch users. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Values are narrowed and written by chunks of this many. */
const CHUNK_ELEMENTS = 4 * 1024 * 1024;

/**
 * Writes a safetensors file, byte for byte as the reference implementation would. One tensor is in memory at a time;
 * data is asked for in the order of the file: wide elements first, then by name. The file appears under its name only
 * when it is whole and synced. Throws `CheckpointError` for bad tensors and `OutputError` where it cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource> | AsyncIterable<TensorSource>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const sources = await collectSources(tensors, options.dtype ?? "F32");
  await writeSources(path, sources, options.metadata, "any values");
}

/** Writes checked sources. With `finite values`, NaN and infinities are refused. */
export async function writeSources(
  path: string,
  sources: readonly PlannedSource[],
  metadata: Readonly<Record<string, string>> | undefined,
  accept: "any values" | "finite values",
): Promise<void> {
  const placed = placeSources(sources);
  const headerBytes = renderHeader(placed, metadata).length;
  await writeAtomically(path, async (handle) => {
    const written: PlannedSource[] = [];
    for (const planned of placed) {
      const dtype = await writeTensor(handle, planned, headerBytes + planned.begin, path, accept);
      written.push({ ...planned, dtype });
    }
    // Written last: only now is it known which tensors hold integers. "F32" and "I32" are equally long.
    await writeFully(handle, renderHeader(written, metadata), 0);
  });
}

/** Writes the values of one tensor and returns the dtype they were written in. */
async function writeTensor(
  handle: FileHandle,
  planned: PlannedSource,
  position: number,
  file: string,
  accept: "any values" | "finite values",
): Promise<PlannedSource["dtype"]> {
  const { source, dtype } = planned;
  const data = await source.data();
  checkData(data, planned, file);
  if (data instanceof Int32Array) {
    await writeFully(handle, bytesOf(data), position);
    return "I32";
  }
  const narrow =
    dtype === "F16" ? float32ToFloat16 : dtype === "BF16" ? float32ToBfloat16 : undefined;
  if (accept === "finite values" || narrow !== undefined) checkValues(data, planned, file, accept);
  if (narrow === undefined) {
    await writeFully(handle, bytesOf(data), position);
    return dtype;
  }
  for (let at = 0; at < data.length; at += CHUNK_ELEMENTS) {
    await writeFully(
      handle,
      bytesOf(narrow(data.subarray(at, at + CHUNK_ELEMENTS))),
      position + 2 * at,
    );
  }
  return dtype;
}

/** The data must be as long as the shape says, and integers only where integers fit. */
function checkData(
  data: Float32Array | Int32Array,
  { source, dtype, bytes }: PlannedSource,
  file: string,
): void {
  const { name, shape } = source;
  const elements = shape.reduce((product, size) => product * size, 1);
  const integers = data instanceof Int32Array;
  if (data.length !== elements) {
    throw new CheckpointError(
      "checkpoint/wrong-length",
      `Tensor ${JSON.stringify(name)} for ${file} has ${data.length} values; its shape ${formatShape(shape)} has ${elements}.`,
      { file, tensor: name, expected: `${elements} values`, actual: `${data.length} values` },
    );
  }
  if (integers ? bytes !== data.byteLength : dtype === "I32") {
    const actual = integers ? "Int32Array" : "Float32Array";
    throw new CheckpointError(
      "checkpoint/wrong-type",
      `Tensor ${JSON.stringify(name)} for ${file} is to be written as ${dtype}, but its data is an ${actual}. ` +
        `Set its dtype to "I32" exactly where it holds integers.`,
      { file, tensor: name, expected: dtype, actual },
    );
  }
}

/** Largest magnitudes that round to a finite number. */
const LIMIT: Readonly<Record<OutputDtype, number>> = {
  F32: Infinity,
  // Halfway to the next power of two, excluded: (2 - 2^-11) * 2^15 and (2 - 2^-8) * 2^127.
  F16: 65520,
  BF16: (2 - 2 ** -8) * 2 ** 127,
};

function checkValues(
  data: Float32Array,
  { source, dtype }: PlannedSource,
  file: string,
  accept: "any values" | "finite values",
): void {
  const limit = dtype === "I32" ? Infinity : LIMIT[dtype];
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (Math.abs(value) < limit) continue;
    const finite = Number.isFinite(value);
    if (!finite && accept === "any values") continue;
    const place = `Tensor ${JSON.stringify(source.name)} for ${file} holds ${value} at ${formatShape(coordinates(source.shape, k))}`;
    throw new CheckpointError(
      finite ? "checkpoint/overflow" : "checkpoint/not-finite",
      finite
        ? `${place}, which ${dtype} cannot hold. Write the file as F32 or BF16.`
        : `${place}. A checkpoint must hold finite numbers: the training diverged, or its input was damaged.`,
      {
        file,
        tensor: source.name,
        expected: `finite numbers below ${limit}`,
        actual: String(value),
      },
    );
  }
}

function bytesOf(data: Float32Array | Int32Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

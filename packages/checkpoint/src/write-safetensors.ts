import type { FileHandle } from "node:fs/promises";
import { findNotFinite, type FiniteTest } from "@ligo/core/operator";
import { writeAtomically, writeFully } from "./atomic-file.js";
import { DTYPE_BYTES, type OutputDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { float32ToBfloat16, float32ToFloat16 } from "./half.js";
import { coordinates, formatShape } from "./shape.js";
import {
  collectSources,
  placeSources,
  renderHeader,
  type PlannedSource,
  type TensorData,
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
 * Writes a safetensors file, byte for byte as the reference implementation would. Data is asked for in the order of the
 * file, wide elements first, then by name; while one tensor is written the next is asked for, so two are in memory (and up
 * to 4 MiB of small ones, where a source is told when they are written). The file appears under its name only when it is
 * whole and synced. Throws `CheckpointError` for bad tensors and `OutputError` where it cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource> | AsyncIterable<TensorSource>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const sources = await collectSources(tensors, options.dtype ?? "F32");
  await writeSources(path, sources, options.metadata, "any values");
}

/** Values that are allowed: any, or finite ones. Then a test that is not sure of them may come first. */
export type Accepted = "any values" | { readonly areFinite: FiniteTest | undefined };

/** Writes checked sources. Where they must be finite, NaN and infinities are refused. */
export async function writeSources(
  path: string,
  sources: readonly PlannedSource[],
  metadata: Readonly<Record<string, string>> | undefined,
  accept: Accepted,
): Promise<void> {
  const placed = placeSources(sources);
  const headerBytes = renderHeader(placed, metadata).length;
  await writeAtomically(path, async (handle) => {
    const written: PlannedSource[] = [];
    const bytesToWrite = placed.reduce((sum, { bytes }) => sum + bytes, 0);
    const syncing = syncBehind(handle, bytesToWrite);
    const queue = writeBehind();
    try {
      for (const [index, planned] of placed.entries()) {
        const start = headerBytes + planned.begin;
        let dtype = planned.dtype;
        let at = 0;
        for await (const data of partsOf(planned.source, placed[index + 1]?.source)) {
          checkType(data, planned, path);
          if (data instanceof Int32Array) dtype = "I32";
          const part: Part = { planned: { ...planned, dtype }, data, at, start };
          await checkPart(part, path, accept);
          const { written: tell } = planned.source;
          queue.add(data.byteLength, async () => {
            await writePart(handle, part);
            syncing.wrote(data.byteLength);
            tell?.(data);
          });
          await queue.settle(tell === undefined ? 0 : WAITING_BYTES);
          at += data.length;
        }
        checkLength(at, planned, path);
        written.push({ ...planned, dtype });
      }
    } finally {
      await queue.end();
      await syncing.end();
    }
    // Written last: only now is it known which tensors hold integers. "F32" and "I32" are equally long.
    await writeFully(handle, renderHeader(written, metadata), 0);
  });
}

/** Bytes after which the disk starts on what was written; at the end, when fewer are left to write, after fewer. */
const SYNC_BYTES = 64 * 1024 * 1024;
const LAST_SYNC_BYTES = 8 * 1024 * 1024;

/** Lets the disk work while tensors are made, so that little is left to wait for at the end. */
function syncBehind(
  handle: FileHandle,
  bytesToWrite: number,
): { wrote(bytes: number): void; end(): Promise<void> } {
  let left = bytesToWrite;
  let unsynced = 0;
  let pending: Promise<void> | undefined;
  const sync = async (): Promise<void> => {
    // The sync at the end says what is wrong.
    await handle.datasync().catch(() => undefined);
    pending = undefined;
  };
  return {
    wrote(bytes) {
      unsynced += bytes;
      left -= bytes;
      const enough = Math.min(SYNC_BYTES, Math.max(LAST_SYNC_BYTES, left));
      if (unsynced < enough || pending !== undefined) return;
      unsynced = 0;
      pending = sync();
    },
    end: async () => pending,
  };
}

/** Bytes that may wait behind an array that is being written. */
const WAITING_BYTES = 4 * 1024 * 1024;

/** Writes one after the other while further values are made. */
function writeBehind(): {
  add(bytes: number, write: () => Promise<void>): void;
  /** Returns when no more bytes than these wait behind what is being written. Throws what a write threw. */
  settle(bytes: number): Promise<void>;
  end(): Promise<void>;
} {
  const waiting: { readonly bytes: number; readonly done: Promise<void> }[] = [];
  let last = Promise.resolve();
  return {
    add(bytes, write) {
      last = last.then(write);
      // Awaited in its turn; until then a failure must not count as unhandled.
      last.catch(() => undefined);
      waiting.push({ bytes, done: last });
    },
    async settle(most) {
      while (waiting.slice(1).reduce((sum, { bytes }) => sum + bytes, 0) > most)
        await waiting.shift()?.done;
    },
    end: () => last,
  };
}

async function* partsOf(
  { data }: TensorSource,
  next: TensorSource | undefined,
): AsyncGenerator<TensorData> {
  const found = await data(next?.name);
  if (Symbol.asyncIterator in found) yield* found;
  else yield found;
}

/** Values of a tensor, from value `at` on; the tensor starts at byte `start`. */
interface Part {
  readonly planned: PlannedSource;
  readonly data: TensorData;
  readonly at: number;
  readonly start: number;
}

/** The function that narrows values to a dtype; none where they are written as they are. */
function narrowing(
  dtype: PlannedSource["dtype"],
): ((values: Float32Array) => Uint16Array) | undefined {
  return dtype === "F16" ? float32ToFloat16 : dtype === "BF16" ? float32ToBfloat16 : undefined;
}

async function checkPart(
  { planned, data, at }: Part,
  file: string,
  accept: Accepted,
): Promise<void> {
  checkLength(at + data.length, planned, file, "at most");
  if (data instanceof Int32Array) return;
  // Narrower dtypes have limits of their own.
  if (narrowing(planned.dtype) === undefined) {
    if (accept === "any values" || (await accept.areFinite?.(data))) return;
  }
  checkValues(data, at, planned, file, accept);
}

async function writePart(handle: FileHandle, { planned, data, at, start }: Part): Promise<void> {
  const { dtype } = planned;
  const position = start + at * DTYPE_BYTES[dtype];
  const narrow = narrowing(dtype);
  if (data instanceof Int32Array || narrow === undefined)
    return writeFully(handle, bytesOf(data), position);
  for (let from = 0; from < data.length; from += CHUNK_ELEMENTS) {
    const chunk = narrow(data.subarray(from, from + CHUNK_ELEMENTS));
    await writeFully(handle, bytesOf(chunk), position + 2 * from);
  }
}

/** The values must be as many as the shape says; while they come, not more. */
function checkLength(
  length: number,
  { source: { name, shape }, dtype, bytes }: PlannedSource,
  file: string,
  bound: "exactly" | "at most" = "exactly",
): void {
  const elements = bytes / DTYPE_BYTES[dtype];
  if (bound === "exactly" ? length === elements : length <= elements) return;
  throw new CheckpointError(
    "checkpoint/wrong-length",
    `Tensor ${JSON.stringify(name)} for ${file} has ${length} values; its shape ${formatShape(shape)} has ${elements}.`,
    { file, tensor: name, expected: `${elements} values`, actual: `${length} values` },
  );
}

/** Integers only where integers fit. */
function checkType(data: TensorData, { source, dtype }: PlannedSource, file: string): void {
  const integers = data instanceof Int32Array;
  const fits = integers ? DTYPE_BYTES[dtype] === DTYPE_BYTES.I32 : dtype !== "I32";
  if (fits) return;
  const actual = integers ? "Int32Array" : "Float32Array";
  throw new CheckpointError(
    "checkpoint/wrong-type",
    `Tensor ${JSON.stringify(source.name)} for ${file} is to be written as ${dtype}, but its data is an ${actual}. ` +
      `Set its dtype to "I32" exactly where it holds integers.`,
    { file, tensor: source.name, expected: dtype, actual },
  );
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
  at: number,
  { source, dtype }: PlannedSource,
  file: string,
  accept: Accepted,
): void {
  const limit = dtype === "I32" ? Infinity : LIMIT[dtype];
  if (limit === Infinity && findNotFinite(data) === -1) return;
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (Math.abs(value) < limit) continue;
    const finite = Number.isFinite(value);
    if (!finite && accept === "any values") continue;
    const place = `Tensor ${JSON.stringify(source.name)} for ${file} holds ${value} at ${formatShape(coordinates(source.shape, at + k))}`;
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

import { DTYPE_BYTES, type OutputDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./safetensors-header.js";
import { elementCount, formatShape, isCount } from "./shape.js";
import { compareByCodePoint, isTensorName } from "./tensor-name.js";

/** Values of a tensor, or of a part of it. */
export type TensorData = Float32Array | Int32Array;

/**
 * A tensor to write. Its values are asked for once, when their turn comes, and dropped when they are written: an array may
 * be used again when the array after the next is asked for, or with `written` when that says so.
 */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  /** `I32` where `data` gives integers. Needed when floats are written as F16 or BF16, else found out from the data. */
  readonly dtype?: "I32" | undefined;
  /**
   * The values, row-major, as many as the shape says: in one array, or in several one after the other. It is told whose turn
   * is next in the same file, so that this can be prepared.
   */
  readonly data: (
    next: string | undefined,
  ) => Promise<TensorData> | TensorData | AsyncIterable<TensorData>;
  /** Told of each array once it is written. Small arrays then wait for large ones while further values are made. */
  readonly written?: ((data: TensorData) => void) | undefined;
}

/** A tensor with its place in the file to write. */
export interface PlannedSource {
  readonly source: TensorSource;
  readonly dtype: OutputDtype | "I32";
  readonly bytes: number;
  /** First byte, counted from the start of the data. */
  readonly begin: number;
}

/** Checks names and shapes, and finds each tensor's dtype and size. Throws `CheckpointError`. Order is kept. */
export async function collectSources(
  tensors: Iterable<TensorSource> | AsyncIterable<TensorSource>,
  dtype: OutputDtype,
): Promise<PlannedSource[]> {
  const planned = new Map<string, PlannedSource>();
  for await (const source of tensors) {
    const { name, shape } = source;
    if (!isTensorName(name)) {
      throw new CheckpointError(
        "checkpoint/bad-name",
        `A tensor cannot be named ${JSON.stringify(name)}.`,
        {
          tensor: name,
        },
      );
    }
    if (planned.has(name)) {
      throw new CheckpointError(
        "checkpoint/duplicate-name",
        `Two tensors to write are named ${JSON.stringify(name)}.`,
        {
          tensor: name,
        },
      );
    }
    const elements = shape.every(isCount) ? elementCount(shape) : undefined;
    const actualDtype = source.dtype ?? dtype;
    const bytes = elements === undefined ? NaN : elements * DTYPE_BYTES[actualDtype];
    if (!Number.isSafeInteger(bytes)) {
      throw new CheckpointError(
        "checkpoint/bad-shape",
        `Tensor ${JSON.stringify(name)} cannot have the shape ${formatShape(shape)}.`,
        { tensor: name, expected: "non-negative integers", actual: formatShape(shape) },
      );
    }
    planned.set(name, { source, dtype: actualDtype, bytes, begin: 0 });
  }
  return [...planned.values()];
}

/** Puts tensors in the order the reference implementation writes: wide elements first, then by name. */
export function placeSources(sources: readonly PlannedSource[]): PlannedSource[] {
  let begin = 0;
  const sorted = sources.toSorted(
    (a, b) =>
      DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] ||
      compareByCodePoint(a.source.name, b.source.name),
  );
  return sorted.map((planned) => {
    const placed = { ...planned, begin };
    begin += planned.bytes;
    return placed;
  });
}

/**
 * Length, JSON and padding of a header. Spaces pad it to a multiple of 8 bytes, so that all data is aligned. Keys are
 * written by hand, as `JSON.stringify` would move number-like names to the front.
 */
export function renderHeader(
  placed: readonly PlannedSource[],
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const entries = placed.map(({ source, dtype, bytes, begin }) => {
    const entry = { dtype, shape: source.shape, data_offsets: [begin, begin + bytes] };
    return `${JSON.stringify(source.name)}:${JSON.stringify(entry)}`;
  });
  if (metadata !== undefined && Object.keys(metadata).length > 0) {
    entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  }
  const json = Buffer.from(`{${entries.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new CheckpointError(
      "checkpoint/header-too-large",
      `${placed.length} tensors need a header of ${length} bytes; at most ${MAX_HEADER_BYTES} can be read. Write shards.`,
      { expected: `at most ${MAX_HEADER_BYTES} bytes`, actual: `${length} bytes` },
    );
  }
  const header = Buffer.alloc(LENGTH_BYTES + length, " ");
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, LENGTH_BYTES);
  return header;
}

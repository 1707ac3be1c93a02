import { findDuplicateKey, parseNested } from "@ligo/core/json";
import { DTYPE_BYTES, isDtype, type Dtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { elementCount, formatShape, isCount } from "./shape.js";
import { isTensorName } from "./tensor-name.js";

/** Most bytes a header may have. The reference implementation in Rust has the same limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Levels of JSON within each other that the reference implementation reads. */
const MAX_HEADER_DEPTH = 127;

/** Bytes of the little-endian unsigned header length every file starts with. */
export const LENGTH_BYTES = 8;

/** One tensor of a safetensors file, as its header describes it. */
export interface TensorHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte of the data, counted from the start of the file. */
  readonly begin: number;
  /** One past the last byte of the data, counted from the start of the file. */
  readonly end: number;
}

/** A checked safetensors header. Tensors stand in the order of their data. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorHeader>;
}

/**
 * Bytes of the JSON header of a safetensors file of `size` bytes, from the first bytes of the file. Throws
 * `CheckpointError` where it is none.
 */
export function headerLength(bytes: Uint8Array, size: number, file: string): number {
  if (size < LENGTH_BYTES) {
    throw new CheckpointError(
      "checkpoint/truncated",
      `${file} has ${size} bytes; a safetensors file has at least ${LENGTH_BYTES}. Download or save it again.`,
      { file, expected: `at least ${LENGTH_BYTES} bytes`, actual: `${size} bytes` },
    );
  }
  if (new TextDecoder().decode(bytes.subarray(0, LENGTH_BYTES)) === "version ") {
    throw new CheckpointError(
      "checkpoint/lfs-pointer",
      `${file} is a Git LFS pointer, not the file itself. Run "git lfs pull" in its folder.`,
      { file },
    );
  }
  // Beyond 2^53 the conversion rounds, which cannot bring the number back under either limit.
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > size - LENGTH_BYTES) {
    throw new CheckpointError(
      "checkpoint/header-too-long",
      `${file} announces a header of ${length} bytes, but has ${size} bytes in all: it is cut off, or not a safetensors file.`,
      { file, expected: `at most ${size - LENGTH_BYTES} bytes`, actual: `${length} bytes` },
    );
  }
  if (length > MAX_HEADER_BYTES) {
    throw new CheckpointError(
      "checkpoint/header-too-large",
      `${file} announces a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are accepted. It is not a safetensors file.`,
      { file, expected: `at most ${MAX_HEADER_BYTES} bytes`, actual: `${length} bytes` },
    );
  }
  return length;
}

/**
 * Parses and checks the JSON header of a safetensors file of `fileSize` bytes. The data of the tensors must fill the
 * rest of the file: no holes, no overlaps, nothing left over. Throws `CheckpointError`.
 */
export function parseHeader(bytes: Uint8Array, fileSize: number, file: string): SafetensorsHeader {
  const entries = parseEntries(bytes, file);
  const dataStart = LENGTH_BYTES + bytes.length;
  const tensors: [string, TensorHeader][] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, entry] of entries) {
    if (name === "__metadata__") metadata = checkMetadata(entry, file);
    else tensors.push([name, checkTensor(name, entry, dataStart, file)]);
  }
  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkPlacement(tensors, dataStart, fileSize, file);
  return { metadata, tensors: new Map(tensors) };
}

function parseEntries(bytes: Uint8Array, file: string): [string, unknown][] {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = parseNested(text, MAX_HEADER_DEPTH);
  } catch (cause) {
    throw new CheckpointError(
      "checkpoint/header-not-json",
      `The header of ${file} is not JSON: the file is damaged or not a safetensors file. Download or save it again.`,
      { file, cause },
    );
  }
  if (!isObject(json)) {
    throw new CheckpointError(
      "checkpoint/header-not-object",
      `The header of ${file} is JSON but not an object: this is not a safetensors file.`,
      { file, expected: "an object", actual: Array.isArray(json) ? "an array" : typeof json },
    );
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new CheckpointError(
      "checkpoint/duplicate-name",
      `The header of ${file} has the key ${JSON.stringify(duplicate)} twice. Save the file again with unique names.`,
      { file, tensor: duplicate },
    );
  }
  return Object.entries(json);
}

function checkMetadata(entry: unknown, file: string): Readonly<Record<string, string>> {
  if (!isObject(entry) || !Object.values(entry).every((value) => typeof value === "string")) {
    throw new CheckpointError(
      "checkpoint/bad-metadata",
      `"__metadata__" in the header of ${file} must be an object of strings.`,
      { file, expected: "an object of strings" },
    );
  }
  return entry as Record<string, string>;
}

function checkTensor(name: string, entry: unknown, dataStart: number, file: string): TensorHeader {
  const quoted = JSON.stringify(name);
  if (!isTensorName(name)) {
    throw new CheckpointError(
      "checkpoint/bad-name",
      `${file} has a tensor named ${quoted}: names must not be empty or hold control characters.`,
      { file, tensor: name },
    );
  }
  if (!isObject(entry)) {
    throw new CheckpointError(
      "checkpoint/bad-entry",
      `Tensor ${quoted} in ${file} is not described by an object with dtype, shape and data_offsets.`,
      { file, tensor: name, expected: "an object" },
    );
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    const actual = JSON.stringify(dtype) ?? "none";
    throw new CheckpointError(
      "checkpoint/unknown-dtype",
      `Tensor ${quoted} in ${file} has the unknown dtype ${actual}; known are ${Object.keys(DTYPE_BYTES).join(", ")}.`,
      { file, tensor: name, actual },
    );
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    const actual = Array.isArray(shape) ? formatShape(shape) : typeof shape;
    throw new CheckpointError(
      "checkpoint/bad-shape",
      `Tensor ${quoted} in ${file} has the shape ${actual}; a shape is a list of whole numbers, none negative.`,
      { file, tensor: name, expected: "non-negative integers", actual },
    );
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isCount(begin) || !isCount(end) || begin > end || !Number.isSafeInteger(dataStart + end)) {
    const actual = Array.isArray(offsets) ? formatShape(offsets) : typeof offsets;
    throw new CheckpointError(
      "checkpoint/bad-offsets",
      `Tensor ${quoted} in ${file} has the data_offsets ${actual}; they must be [begin, end], begin not after end.`,
      { file, tensor: name, expected: "[begin, end]", actual },
    );
  }
  const elements = elementCount(shape);
  const bytes = elements === undefined ? undefined : elements * DTYPE_BYTES[dtype];
  if (bytes !== end - begin) {
    throw new CheckpointError(
      "checkpoint/size-mismatch",
      `Tensor ${quoted} in ${file} has ${end - begin} bytes, but ${dtype} ${formatShape(shape)} needs ${bytes ?? "more than 2^53"}.`,
      { file, tensor: name, expected: String(bytes), actual: String(end - begin) },
    );
  }
  return Object.freeze({
    dtype,
    shape: Object.freeze(shape),
    begin: dataStart + begin,
    end: dataStart + end,
  });
}

/** Tensors, sorted by position, must follow each other without holes and end where the file ends. */
function checkPlacement(
  tensors: readonly (readonly [string, TensorHeader])[],
  dataStart: number,
  fileSize: number,
  file: string,
): void {
  const misplaced = tensors.findIndex(
    ([, { begin }], k) => begin !== (tensors[k - 1]?.[1].end ?? dataStart),
  );
  const expectedSize = tensors.at(-1)?.[1].end ?? dataStart;
  if (misplaced === -1 && expectedSize === fileSize) return;
  if (misplaced === -1 && expectedSize > fileSize) {
    throw new CheckpointError(
      "checkpoint/truncated",
      `${file} is cut off: its header describes ${expectedSize} bytes, the file has ${fileSize}. Download or save it again.`,
      { file, expected: `${expectedSize} bytes`, actual: `${fileSize} bytes` },
    );
  }
  if (misplaced === -1) {
    throw new CheckpointError(
      "checkpoint/trailing-bytes",
      `${file} has ${fileSize - expectedSize} bytes after its last tensor that belong to none. Save it again.`,
      { file, expected: `${expectedSize} bytes`, actual: `${fileSize} bytes` },
    );
  }
  const outside = tensors.find(([, { end }]) => end > fileSize);
  if (outside !== undefined) {
    const [name, { end }] = outside;
    throw new CheckpointError(
      "checkpoint/offsets-out-of-range",
      `Tensor ${JSON.stringify(name)} in ${file} ends at byte ${end}, but the file has ${fileSize}. Save it again.`,
      { file, tensor: name, expected: `at most ${fileSize}`, actual: String(end) },
    );
  }
  const [name, { begin }] = tensors[misplaced]!;
  const previousEnd = tensors[misplaced - 1]?.[1].end ?? dataStart;
  const overlaps = begin < previousEnd;
  throw new CheckpointError(
    overlaps ? "checkpoint/overlap" : "checkpoint/hole",
    `Tensor ${JSON.stringify(name)} in ${file} starts at byte ${begin}, but the data before it ends at ${previousEnd}: ` +
      `${overlaps ? "two tensors share bytes" : "some bytes belong to no tensor"}. Save it again.`,
    { file, tensor: name, expected: String(previousEnd), actual: String(begin) },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

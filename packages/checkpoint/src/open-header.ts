import { CheckpointError } from "./errors/checkpoint-error.js";
import type { SafetensorsFile } from "./open-safetensors.js";
import { headerLength, LENGTH_BYTES, parseHeader } from "./safetensors-header.js";

/** Most headers are shorter than this, so that one request has them. In bytes. */
const FIRST_BYTES = 65_536;

/** First bytes of a file, as many as were asked for or there are, and the size of the whole file in bytes. */
export interface FileStart {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/**
 * Opens a safetensors file for its header alone, of which one or two reads get the bytes. Throws `CheckpointError` for a bad
 * header; reading a tensor throws `checkpoint/headers-only`.
 *
 * @param path name of the file in errors
 * @param readStart reads bytes from the start of the file
 */
export async function openHeader(
  path: string,
  readStart: (count: number) => Promise<FileStart>,
): Promise<SafetensorsFile> {
  const first = await readStart(FIRST_BYTES);
  const end = LENGTH_BYTES + headerLength(first.bytes, first.size, path);
  const { bytes } = end <= first.bytes.length ? first : await readStart(end);
  const { metadata, tensors } = parseHeader(bytes.subarray(LENGTH_BYTES, end), first.size, path);
  const read = async (tensor: string): Promise<never> => {
    throw new CheckpointError(
      "checkpoint/headers-only",
      `Only the header of ${path} was downloaded, not the weights of ${tensor}.`,
      { file: path, tensor },
    );
  };
  return { path, metadata, tensors, read, readTyped: read, close: async () => undefined };
}

import { decodeText, parseJson, type ParseJsonOptions } from "@ligo/core/json";
import { CheckpointError } from "../errors/checkpoint-error.js";
import { openRegularFile, readFully } from "../regular-file.js";

/** Most bytes a config.json or shard index may have; real ones are under 10 MB. */
const MAX_JSON_BYTES = 100_000_000;

/** Options of {@link readJsonFile}. */
export interface ReadJsonOptions extends ParseJsonOptions {
  /** Code of the error for a file that is not JSON. Default `checkpoint/not-json`. */
  readonly code?: string;
}

/** A JSON file that was read. */
export interface JsonFile {
  readonly text: string;
  readonly value: unknown;
}

/**
 * Reads a JSON file that somebody brings, as {@link parseJson} does. Throws `CheckpointError`: `checkpoint/not-found`,
 * `not-a-file`, `unreadable`, `json-too-large`, and `options.code` for what is not JSON.
 */
export async function readJsonFile(file: string, options: ReadJsonOptions = {}): Promise<JsonFile> {
  const { code = "checkpoint/not-json", ...parsing } = options;
  const { handle, size } = await openRegularFile(file);
  try {
    if (size > MAX_JSON_BYTES) {
      throw new CheckpointError(
        "checkpoint/json-too-large",
        `${file} has ${size} bytes; a JSON file of a checkpoint has at most ${MAX_JSON_BYTES}.`,
        { file, expected: `at most ${MAX_JSON_BYTES} bytes`, actual: `${size} bytes` },
      );
    }
    const bytes = new Uint8Array(size);
    await readFully(handle, bytes, 0, file);
    const text = decodeText(bytes);
    return { text, value: parseJson(text, parsing) };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new CheckpointError(
      code,
      `${file} is not JSON (${cause.message}). Correct it or download it again.`,
      { file, expected: "JSON", cause },
    );
  } finally {
    await handle.close();
  }
}

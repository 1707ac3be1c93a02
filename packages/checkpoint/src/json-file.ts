import { CheckpointError } from "./errors/checkpoint-error.js";
import { openRegularFile, readFully } from "./regular-file.js";

/** Most bytes a config.json or shard index may have; real ones are under 10 MB. */
const MAX_JSON_BYTES = 100_000_000;

/** A JSON file's text and value. Throws `CheckpointError`; what is not JSON gets the code `notJson`. */
export async function readJsonFile(
  file: string,
  notJson: string,
): Promise<{ text: string; value: unknown }> {
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
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return { text, value: JSON.parse(text) as unknown };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CheckpointError(
        notJson,
        `${file} is not JSON (${reason}). Correct it or download it again.`,
        {
          file,
          expected: "JSON",
          cause,
        },
      );
    }
  } finally {
    await handle.close();
  }
}

import { EngineError } from "../engine-error.js";

/** Version in the optional dependencies of this package. */
export const ONNXRUNTIME_VERSION = "1.30.0";

const NAME = "onnxruntime-node";

/**
 * The module of onnxruntime-node. It is an optional dependency: on Linux x64 its install script fetches libraries for NVIDIA's
 * cards from a host that a network may not reach, and npm would then undo the whole installation. Throws `engine/no-runtime`
 * where it is not there, and `engine/runtime` where its library does not load.
 */
export function loadRuntime(load: (name: string) => unknown): unknown {
  try {
    return load(NAME);
  } catch (cause) {
    throw isMissing(cause) ? missing(cause) : unloadable(cause);
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "MODULE_NOT_FOUND" &&
  error.message.includes(`'${NAME}'`);

function missing(cause: unknown): EngineError {
  return new EngineError(
    "engine/no-runtime",
    [
      `${NAME} ${ONNXRUNTIME_VERSION} is not installed. npm leaves it out where its install script fails, which fetches libraries`,
      "for NVIDIA's cards from api.nuget.org. Nothing else needs the script; install it without:",
      `  npm install --ignore-scripts ${NAME}@${ONNXRUNTIME_VERSION}`,
    ].join("\n"),
    { expected: `${NAME} ${ONNXRUNTIME_VERSION}`, cause },
  );
}

function unloadable(cause: unknown): EngineError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EngineError(
    "engine/runtime",
    `${NAME} does not load on this machine (${message}). Its builds are for Linux and Windows on x64 and arm64 and for macOS on arm64.`,
    { cause },
  );
}

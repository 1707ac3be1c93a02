import * as ort from "./onnxruntime.js";
import { EngineError } from "../engine-error.js";

/** Where onnxruntime computes if nobody says otherwise. */
export const CPU_PROVIDER = "cpu";

/** Names of the execution providers that the installed onnxruntime-node was built with, `cpu` first. */
export function onnxProviders(): readonly string[] {
  return [...new Set([CPU_PROVIDER, ...ort.listSupportedBackends().map(({ name }) => name)])];
}

/** Throws `engine/no-provider` where the installed onnxruntime-node was built without a provider. */
export function requireProvider(provider: string): void {
  const there = onnxProviders();
  if (there.includes(provider)) return;
  throw new EngineError(
    "engine/no-provider",
    `The installed onnxruntime-node has no provider ${provider}. It has: ${there.join(", ")}.`,
    { expected: there.join(" or "), actual: provider },
  );
}

/** Error for a session that was refused. */
export function sessionError(provider: string, cause: unknown): EngineError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (provider === CPU_PROVIDER)
    return new EngineError("engine/compile", `onnxruntime refused the traced step: ${message}`, {
      cause,
    });
  return new EngineError(
    "engine/provider",
    `onnxruntime could not start the step on its provider ${provider} (${message.trim()}). ${providerHelp(provider)}`.trim(),
    { expected: provider, cause },
  );
}

/** Requirements of a provider, and the commands that bring them; empty for one that has none. */
export function providerHelp(provider: string): string {
  if (provider === "webgpu")
    return "WebGPU needs a graphics driver; on Linux a Vulkan one, and libvulkan.so.1.";
  if (provider === "cuda" || provider === "tensorrt")
    return [
      "Its libraries do not come with the npm package; its install script fetches them on Linux x64. CUDA and cuDNN of the",
      "version they name must be installed.",
      "  npm install-scripts approve onnxruntime-node    # npm 12 and newer; npm 11 runs the script by itself",
      "  npm rebuild onnxruntime-node --ignore-scripts=false",
    ].join("\n");
  return "";
}

/**
 * Runs a session whose provider has memory of its own, and copies what comes back into the memory of `fetches`. Nothing
 * of {@link runInto} is used: whether outputs may lie in memory that inputs are read from is up to the provider.
 */
export async function runAndCopy(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  const results = await session.run(feeds, Object.keys(fetches));
  for (const [name, { data }] of Object.entries(fetches)) {
    (data as Float32Array).set((results[name] as ort.Tensor).data as Float32Array);
  }
}

import { createRequire } from "node:module";
import { version_core as tensorflow } from "@ligo/tfjs";

const require = createRequire(import.meta.url);

/** Versions of what a measurement ran on. */
export function versions(): Readonly<Record<string, string>> {
  const engine = createRequire(require.resolve("@ligo/engine/package.json"));
  const { version } = engine("onnxruntime-node/package.json") as { version: string };
  return { node: process.version, "onnxruntime-node": version, tfjs: tensorflow };
}

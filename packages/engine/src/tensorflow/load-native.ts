import * as tf from "@ligo/tfjs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { EngineError } from "../engine-error.js";
import {
  GPU_HELP,
  installHelp,
  NATIVE_PACKAGES,
  rebuildHelp,
  type NativePackage,
} from "./install-help.js";

/** TensorFlow's native library, loaded. */
export interface NativeTensorFlow {
  /** Package or folder it was loaded from. */
  readonly source: string;
  /** Version of the native library. */
  readonly version: string;
  readonly device: TensorFlowDevice;
}

export type TensorFlowDevice = "gpu" | "cpu";

/** Members we use of the backend of `@tensorflow/tfjs-node`. */
interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Name of the backend that the native packages register. */
export const NATIVE_BACKEND = "tensorflow";

interface Found {
  readonly name: NativePackage;
  readonly source: string;
  readonly file: string;
}

/**
 * The entry file of the native package: what the environment variable `LIGO_TENSORFLOW` names (the folder of a
 * `@tensorflow/tfjs-node` or `-gpu`), else the first that is installed beside this package or in the working directory.
 */
function findNative(): Found | undefined {
  const folder = process.env["LIGO_TENSORFLOW"];
  if (folder !== undefined && folder !== "") {
    const name = folder.endsWith("-gpu") ? NATIVE_PACKAGES[0] : NATIVE_PACKAGES[1];
    try {
      const { resolve } = createRequire(join(process.cwd(), "package.json"));
      return { name, source: folder, file: resolve(folder) };
    } catch (cause) {
      throw new EngineError(
        "engine/tensorflow-missing",
        `LIGO_TENSORFLOW names ${folder}, which holds neither @tensorflow/tfjs-node nor @tensorflow/tfjs-node-gpu.`,
        { file: folder, cause },
      );
    }
  }
  for (const name of NATIVE_PACKAGES) {
    for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
      try {
        return { name, source: name, file: createRequire(from).resolve(name) };
      } catch {
        // not installed there
      }
    }
  }
  return undefined;
}

/** Whether a native package is installed; that its library can be loaded is another matter. */
export const hasNativeTensorFlow = (): boolean => findNative() !== undefined;

let loading: Promise<NativeTensorFlow> | undefined;

/**
 * Loads the native package, once in a process, and leaves the backend of TensorFlow.js as it was. Throws
 * `engine/tensorflow-missing` where none is installed and `engine/tensorflow-library` where its library cannot be loaded.
 */
export function loadNative(): Promise<NativeTensorFlow> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function load(): Promise<NativeTensorFlow> {
  const found = findNative();
  if (!found)
    throw new EngineError(
      "engine/tensorflow-missing",
      `The tensorflow engine needs ${NATIVE_PACKAGES[0]} (or ${NATIVE_PACKAGES[1]} for tensorflow:cpu). ${installHelp(NATIVE_PACKAGES[0])}`,
      { expected: NATIVE_PACKAGES.join(" or "), actual: "neither" },
    );
  restoreRemovedHelpers();
  tf.enableProdMode(); // it registers what is there already, and would say so kernel by kernel
  await tf.ready();
  const former = tf.getBackend();
  try {
    await import(pathToFileURL(found.file).href);
    await tf.setBackend(NATIVE_BACKEND);
    const backend = tf.backend() as unknown as NativeBackend;
    return {
      source: found.source,
      version: backend.binding.TF_Version,
      device: backend.isUsingGpuDevice ? "gpu" : "cpu",
    };
  } catch (cause) {
    throw new EngineError(
      "engine/tensorflow-library",
      `${found.source} is installed, but its native files cannot be loaded (${firstLine(cause)}). ${rebuildHelp(found.name)}`,
      { file: found.file, cause },
    );
  } finally {
    await tf.setBackend(former);
  }
}

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0] as string;

/** tfjs-node 4.22 calls two functions of `node:util` in every operation that Node 23 removed. */
function restoreRemovedHelpers(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;
}

/** Throws `engine/no-gpu` where TensorFlow computes on the CPU: what it does without a word when it finds no GPU. */
export function requireGpu({ source, version, device }: NativeTensorFlow): void {
  if (device === "gpu") return;
  throw new EngineError(
    "engine/no-gpu",
    `${source} is loaded (TensorFlow ${version}), but it uses no GPU and would compute on the CPU. ${GPU_HELP}`,
    { expected: "a GPU", actual: "CPU" },
  );
}

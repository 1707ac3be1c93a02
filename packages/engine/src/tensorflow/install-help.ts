/** The packages that bring TensorFlow's native library, in the order they are looked for. */
export const NATIVE_PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;
export type NativePackage = (typeof NATIVE_PACKAGES)[number];

const VERSION = "4.22.0";

/**
 * How to install a package whose install script fetches the native library. npm 12 runs no install scripts of
 * dependencies unless told to, and neither does an older npm with `ignore-scripts`.
 */
export function installHelp(name: NativePackage): string {
  return [
    "Install it, and let its install script fetch the native library:",
    `  npm install ${name}@${VERSION}`,
    `  npm install-scripts approve ${name}    # npm 12 and newer; npm 11 runs the script by itself`,
    `  npm rebuild ${name} --ignore-scripts=false`,
  ].join("\n");
}

/** Advice where the package is there but its native library is not. */
export function rebuildHelp(name: NativePackage): string {
  return [
    "Its install script, which fetches them, did not run or did not succeed. npm 12 runs none by itself; allow this one:",
    `  npm install-scripts approve ${name}    # npm 12 and newer`,
    `  npm rebuild ${name} --ignore-scripts=false`,
  ].join("\n");
}

/** Requirements of a GPU. */
const REQUIREMENTS = [
  "TensorFlow.js uses an NVIDIA GPU with @tensorflow/tfjs-node-gpu, a driver newer than 450, and the libraries its",
  "TensorFlow 2.9 was built with: CUDA 11.2 and cuDNN 8.1, on LD_LIBRARY_PATH. TensorFlow names those it misses on stderr.",
].join("\n");

/** Requirements of a GPU, and the way without one. */
export const GPU_HELP: string = [
  REQUIREMENTS,
  'To compute on the CPU on purpose, take `engine: "onnx"` (faster) or `engine: "tensorflow:cpu"`.',
].join("\n");

/** How to install TensorFlow for a GPU. */
export const TENSORFLOW_HELP: string = `${installHelp(NATIVE_PACKAGES[0])}\n${REQUIREMENTS.replace("\n", " ")}`;

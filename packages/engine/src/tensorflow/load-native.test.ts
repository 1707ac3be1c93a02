import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@ligo/tfjs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EngineError } from "../engine-error.js";
import { hasNativeTensorFlow, requireGpu } from "./load-native.js";
import { createTensorFlowEngine } from "./tensorflow-engine.js";

const before = process.env["LIGO_TENSORFLOW"];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-tfjs-node-gpu-"));
  process.env["LIGO_TENSORFLOW"] = folder;
});

afterEach(async () => {
  if (before === undefined) delete process.env["LIGO_TENSORFLOW"];
  else process.env["LIGO_TENSORFLOW"] = before;
  await rm(folder, { recursive: true });
});

/** Makes the folder a package of this code. */
async function writePackage(code: string): Promise<void> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ main: "index.cjs" }));
  await writeFile(join(folder, "index.cjs"), code);
}

async function refusal(): Promise<EngineError> {
  const error: unknown = await createTensorFlowEngine().catch((cause: unknown) => cause);
  if (EngineError.isInstance(error)) return error;
  throw error;
}

it("names the folder that is no package", async () => {
  expect(() => hasNativeTensorFlow()).toThrow(folder);
  const { code, message } = await refusal();
  expect(code).toBe("engine/tensorflow-missing");
  expect(message).toContain(`LIGO_TENSORFLOW names ${folder}`);
});

it("says how to get the native library where the install script did not run", async () => {
  await tf.setBackend("cpu");
  // the words of tfjs-node 4.22
  await writePackage(
    `throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: x.\\nmore");`,
  );
  const { code, message } = await refusal();
  expect(code).toBe("engine/tensorflow-library");
  expect(message).toContain("(tfjs_binding.node) can not be found at path: x.");
  expect(message).not.toContain("more");
  expect(message).toMatch(/npm install-scripts approve @tensorflow\/tfjs-node\s/u);
  expect(message).toMatch(/npm rebuild @tensorflow\/tfjs-node --ignore-scripts=false/u);
  expect(tf.getBackend()).toBe("cpu");
});

it("refuses TensorFlow that computes on the CPU without a word", () => {
  const native = { source: "@tensorflow/tfjs-node-gpu", version: "2.9.1" } as const;
  expect(() => requireGpu({ ...native, device: "cpu" })).toThrow(/uses no GPU.*CUDA 11\.2/su);
  expect(() => requireGpu({ ...native, device: "gpu" })).not.toThrow();
});

/** A backend that says what tfjs-node's says, without kernels. */
const backend = (isUsingGpuDevice: boolean): string => `
  const tf = require(${JSON.stringify(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core"))});
  tf.registerBackend("tensorflow", () => ({
    isUsingGpuDevice: ${isUsingGpuDevice}, binding: { TF_Version: "2.9.1" }, dispose() {},
  }));
`;

it("takes TensorFlow that says it uses a GPU", async () => {
  await tf.setBackend("cpu");
  await writePackage(backend(true));
  expect(hasNativeTensorFlow()).toBe(true);
  expect((await createTensorFlowEngine()).name).toBe("tensorflow");
  expect(tf.getBackend()).toBe("cpu");
});

import type { MachineReport } from "@ligo/sdk";
import { expect, it } from "vitest";
import { describeMachineReport } from "./doctor.js";

const REPORT: MachineReport = {
  versions: {
    ligo: "1.0.0",
    node: "22.1.0",
    "onnxruntime-node": "1.30.0",
    "@tensorflow/tfjs-core": "4.22.0",
  },
  system: "Linux 6.8.0 x64",
  processor: { model: "AMD EPYC 9654", cores: 16, vectors: "AVX-512" },
  memory: { total: 128 * 2 ** 30, free: 100.25 * 2 ** 30 },
  graphics: [{ vendor: "NVIDIA", name: "NVIDIA H200", memoryBytes: 140.4 * 2 ** 30 }],
  adapter: {
    name: "NVIDIA H200",
    backend: "Vulkan",
    driver: "libGLX_nvidia.so.0",
    isSoftware: false,
    halfPrecision: true,
    limits: { maxBufferBytes: 2 ** 32, maxBindingBytes: 2 ** 31, maxStorageBuffers: 16 },
  },
  engines: [
    {
      name: "onnx",
      works: true,
      says: "AMD EPYC 9654 with AVX-512, 16 cores",
      rate: { size: 1024, flopsPerSecond: 1.234e12 },
    },
    {
      name: "webgpu",
      works: true,
      says: "NVIDIA H200",
      rate: { size: 4096, flopsPerSecond: 2e13 },
    },
    {
      name: "tensorflow",
      works: false,
      says: "@tensorflow/tfjs-node-gpu is not installed.",
      help: "Install it:\n  npm install @tensorflow/tfjs-node-gpu@4.22.0    # and a comment behind it that goes on and on",
    },
    {
      name: "onnx:cuda",
      works: false,
      says: "Failed to load shared library libonnxruntime_providers_cuda.so with error: libcudnn.so.9",
      help: "Its libraries do not come with the npm package: npm rebuild onnxruntime-node --ignore-scripts=false.",
    },
    {
      name: "onnx:tensorrt",
      works: false,
      says: "Failed to load shared library",
      help: "Its libraries do not come with the npm package: npm rebuild onnxruntime-node --ignore-scripts=false.",
    },
  ],
  auto: { engine: "webgpu", reason: "NVIDIA H200 computes, through Vulkan." },
  caches: {
    models: { path: "/home/me/.cache/huggingface/hub", exists: true },
    tokens: { path: "/home/me/.cache/ligo", exists: false },
  },
  hub: { endpoint: "https://huggingface.co", hasToken: true, offline: false },
  variables: { CUDA_VISIBLE_DEVICES: "0" },
};

it("A report reads well in 80 columns", () => {
  const text = describeMachineReport(REPORT);
  expect(`\n${text}`).toMatchInlineSnapshot(`
    "
    engine         GFLOP/s  computes on, or why not
    onnx              1234  AMD EPYC 9654 with AVX-512, 16 cores
    webgpu           20000  NVIDIA H200
    tensorflow           -  @tensorflow/tfjs-node-gpu is not installed.
    onnx:cuda            -  Failed to load shared library
                            libonnxruntime_providers_cuda.so with error:
                            libcudnn.so.9
    onnx:tensorrt        -  Failed to load shared library

    auto takes webgpu. NVIDIA H200 computes, through Vulkan.

    To bring what is missing:
      tensorflow
        Install it:
          npm install @tensorflow/tfjs-node-gpu@4.22.0    # and a comment behind it that goes on and on
      onnx:cuda, onnx:tensorrt
        Its libraries do not come with the npm package: npm rebuild onnxruntime-node
        --ignore-scripts=false.

    models  /home/me/.cache/huggingface/hub
    tokens  /home/me/.cache/ligo (not made yet)
    hub     https://huggingface.co, access token set

    env, to paste into a report of a fault:
      versions   ligo 1.0.0, node 22.1.0, onnxruntime-node 1.30.0,
                 @tensorflow/tfjs-core 4.22.0
      system     Linux 6.8.0 x64
      processor  AMD EPYC 9654, 16 cores, AVX-512
      memory     128 GiB, 100.3 GiB free
      graphics   NVIDIA H200, 140.4 GiB
      adapter    NVIDIA H200, Vulkan by libGLX_nvidia.so.0, buffers to 4 GiB,
                 bindings to 2 GiB, 16 buffers a shader, float16
      engines    onnx, webgpu
      variables  CUDA_VISIBLE_DEVICES=0
    "
  `);
  const wide = text.split("\n").filter((line) => line.length > 80 && !line.includes("npm install"));
  expect(wide).toEqual([]);
});

it("A machine without a GPU, and a hub that cannot be used, have their words", () => {
  const text = describeMachineReport({
    ...REPORT,
    graphics: [],
    adapter: null,
    engines: REPORT.engines.slice(0, 1),
    caches: { tokens: REPORT.caches.tokens },
    hub: { problem: "HF_ENDPOINT is not the address of a hub." },
    variables: {},
  });
  expect(text).not.toContain("what is missing");
  expect(text).toMatch(/^tokens {2}\S+ \(not made yet\)\nhub {5}HF_ENDPOINT is not/mu);
  expect(text).toMatch(/^ {2}graphics {3}none seen\n {2}adapter {4}none\n {2}engines {4}onnx\n/mu);
});

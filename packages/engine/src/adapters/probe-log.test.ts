import { describe, expect, it } from "vitest";
import { parseProbeLog } from "./probe-log.js";

// Lines as onnxruntime 1.30, its Dawn and the Vulkan loader 1.3 print them, the times and addresses cut.

const LINUX = `
[I:onnxruntime:, device_discovery_common.cc:34 operator()] Discovered OrtHardwareDevice {vendor_id:0x8086, device_id:0x0, vendor:Intel, type:0, metadata: []}
[I:onnxruntime:, device_discovery_common.cc:34 operator()] Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2335, vendor:, type:1, metadata: [pci_bus_id=0000:01:00.0, ]}
DRIVER | LAYER:   vkCreateDevice layer callstack setup to:
DRIVER | LAYER:          Using "NVIDIA H200" with driver: "libGLX_nvidia.so.0"
[E:onnxruntime:, webgpu_context.cc:171 operator()] WebGPU device error(2): Buffer size (400000000000) exceeds the max buffer size limit (4294967296).
 - While calling [Device].CreateBuffer([BufferDescriptor]).
`;

const WINDOWS = `
[I:onnxruntime:, device_discovery_common.cc:34 operator()] Discovered OrtHardwareDevice {vendor_id:0x1002, device_id:0x744c, vendor:Advanced Micro Devices, Inc., type:1, metadata: [Description=AMD Radeon RX 7900 XTX, Discrete=1, DxgiAdapterNumber=0, DxgiVideoMemory=24560 MB, ]}
`;

const PIECES = `
[I:onnxruntime:, webgpu_context.cc:512 Run] Starting program "Expand:1:0;1:2;1:1" (1024, 1024, 1)
[I:onnxruntime:, webgpu_context.cc:512 Run] Starting program "Expand:1:0;1:0;2;1" (2049, 2049, 1)
[I:onnxruntime:, webgpu_context.cc:512 Run] Starting program "ReduceSum[0|0|0|256|0]:256,1,1:1:0;2;1:0;0" (1, 1, 1)
[I:onnxruntime:, webgpu_context.cc:512 Run] Starting program "Expand:1:0;1:2;15;1:1" (3953, 3953, 1)
`;

describe("the log of a probe", () => {
  it("names the adapter, its driver, the cards and the largest buffer", () => {
    expect(parseProbeLog(LINUX)).toEqual({
      adapter: { name: "NVIDIA H200", driver: "libGLX_nvidia.so.0" },
      devices: [{ vendor: "NVIDIA", name: "NVIDIA GPU 0x2335" }],
      maxBufferBytes: 4294967296,
      segments: [],
    });
  });

  it("names the cards of Windows with their memory", () => {
    expect(parseProbeLog(WINDOWS).devices).toEqual([
      { vendor: "AMD", name: "AMD Radeon RX 7900 XTX", memoryBytes: 24560 * 2 ** 20 },
    ]);
  });

  it("counts the pieces of a tensor, and has nothing to say of other text", () => {
    expect(parseProbeLog(PIECES).segments).toEqual([1, 2, 15]);
    expect(parseProbeLog("Segmentation fault")).toEqual({ devices: [], segments: [] });
  });
});

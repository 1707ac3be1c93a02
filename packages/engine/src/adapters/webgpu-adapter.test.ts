import { describe, expect, it } from "vitest";
import { webgpuDriver, webgpuName } from "../__fixtures__/webgpu.js";
import type { ProbeAnswer } from "./probe-request.js";
import { runProbe, type ProbeOutcome } from "./run-probe.js";
import {
  findBindingLimit,
  plainlyNoGpu,
  searchAdapter,
  type SearchedMachine,
} from "./webgpu-adapter.js";

const NVIDIA = { manifest: "/a/nvidia_icd.json", library: "libGLX_nvidia.so.0", isSoftware: false };
const LAVAPIPE = { manifest: "/a/lvp_icd.json", library: "libvulkan_lvp.so", isSoftware: true };

const LINUX: SearchedMachine = {
  platform: "linux",
  providers: ["cpu", "webgpu"],
  loader: "/usr/lib/libvulkan.so.1",
  drivers: [NVIDIA],
  devices: [{ vendor: "NVIDIA", name: "NVIDIA H200" }],
  hasGpuNode: true,
  processor: "A Processor",
};

const STARTED: readonly ProbeAnswer[] = [
  { type: "started" },
  { type: "half-precision", supported: true },
  { type: "storage-buffers", most: 16 },
];
const used = (name: string, driver: string): string => `Using "${name}" with driver: "${driver}"\n`;
const outcome = (log: string, answers = STARTED): (() => Promise<ProbeOutcome>) => {
  return async () => ({ answers, log });
};

describe("the search for an adapter", () => {
  it("tells a GPU with what was found out about it", async () => {
    const log = `${used("NVIDIA H200", "libGLX_nvidia.so.0")}exceeds the max buffer size limit (4096).`;
    expect(await searchAdapter(LINUX, outcome(log))).toEqual({
      adapter: {
        name: "NVIDIA H200",
        driver: "libGLX_nvidia.so.0",
        backend: "Vulkan",
        isSoftware: false,
        halfPrecision: true,
        limits: { maxBufferBytes: 4096, maxStorageBuffers: 16 },
      },
    });
  });

  it("takes memory from the one card there is", async () => {
    const devices = [{ vendor: "AMD", name: "AMD GPU", memoryBytes: 2 ** 34 }] as const;
    const log = used("AMD Radeon (RADV)", "libvulkan_radeon.so");
    const memory = async (machine: SearchedMachine): Promise<number | undefined> =>
      (await searchAdapter(machine, outcome(log))).adapter?.memoryBytes;
    expect(await memory({ ...LINUX, devices })).toBe(2 ** 34);
    expect(await memory({ ...LINUX, devices: [...devices, ...devices] })).toBeUndefined();
  });

  it.each([
    ["llvmpipe (LLVM 19.1.7, 256 bits)", "libvulkan_lvp.so"],
    ["SwiftShader Device (Subzero)", "./libvk_swiftshader.so"],
    ["Microsoft Basic Render Driver", "dozen.so"],
  ])("knows %s for software", async (name, driver) => {
    const { adapter } = await searchAdapter(LINUX, outcome(used(name, driver)));
    expect(adapter).toMatchObject({ name, isSoftware: true });
  });

  it("trusts no adapter without a name where a driver in software may be it", async () => {
    const isSoftware = async (machine: SearchedMachine): Promise<boolean | undefined> =>
      (await searchAdapter(machine, outcome(""))).adapter?.isSoftware;
    expect(await isSoftware(LINUX)).toBe(false);
    expect(await isSoftware({ ...LINUX, drivers: [NVIDIA, LAVAPIPE] })).toBe(true);
    expect(await isSoftware({ ...LINUX, devices: [] })).toBe(true);
  });

  it("takes the cards of Windows from onnxruntime, and a Mac's from its processor", async () => {
    const windows = { ...LINUX, platform: "win32", drivers: [], devices: [] } as const;
    const log =
      "OrtHardwareDevice {vendor_id:0x8086, device_id:0x56a0, vendor:Intel, type:1, metadata: [Description=Intel(R) Arc(TM) A770, ]}";
    expect((await searchAdapter(windows, outcome(log))).adapter).toMatchObject({
      name: "Intel(R) Arc(TM) A770",
      backend: "Direct3D 12",
      isSoftware: false,
    });
    expect((await searchAdapter(windows, outcome(""))).adapter).toMatchObject({
      name: "Microsoft Basic Render Driver",
      isSoftware: true,
    });
    const mac = { ...windows, platform: "darwin", processor: "Apple M4" } as const;
    expect((await searchAdapter(mac, outcome(""))).adapter).toMatchObject({
      name: "GPU of Apple M4",
      backend: "Metal",
      isSoftware: false,
    });
  });

  it("says what is missing, and what brings it, without a probe where files tell", async () => {
    const unasked = (): never => {
      throw new Error("probed");
    };
    const said = async (machine: Partial<SearchedMachine>): Promise<string> => {
      const search = await searchAdapter({ ...LINUX, ...machine }, unasked);
      return search.adapter === undefined ? `${search.reason} ${search.help}` : "found";
    };
    expect(await said({ loader: undefined })).toMatch(
      /libvulkan\.so\.1.*apt-get install libvulkan1/su,
    );
    expect(await said({ drivers: [] })).toMatch(/No Vulkan driver.*nvidia-driver/su);
    expect(await said({ drivers: [], devices: [{ vendor: "AMD", name: "AMD GPU" }] })).toMatch(
      /computes through its Vulkan driver:\n {2}apt-get install mesa-vulkan-drivers/u,
    );
    expect(await said({ providers: ["cpu"] })).toMatch(/no WebGPU provider for linux/u);
  });

  it("knows that there is no GPU where every driver is software, or no GPU is within reach", () => {
    expect(plainlyNoGpu(LINUX)).toBeUndefined();
    expect(plainlyNoGpu({ ...LINUX, drivers: [LAVAPIPE] })).toMatchObject({
      reason: "The only Vulkan drivers here compute on the CPU.",
    });
    expect(plainlyNoGpu({ ...LINUX, hasGpuNode: false })).toMatchObject({
      help: expect.stringContaining("docker run --gpus all") as string,
    });
  });

  it("says why a provider did not start, also where its process died", async () => {
    const refused = async (probe: ProbeOutcome): Promise<string | undefined> => {
      const search = await searchAdapter(LINUX, async () => probe);
      return search.adapter === undefined ? search.reason : undefined;
    };
    const message = "Failed to get a WebGPU adapter: No supported adapters";
    expect(await refused({ answers: [{ type: "refused", message }], log: "" })).toBe(
      "No driver here offers an adapter that WebGPU can use.",
    );
    expect(
      await refused({ answers: [], log: "", failure: "The process was ended by SIGSEGV." }),
    ).toBe("The WebGPU provider does not start: The process was ended by SIGSEGV.");
  });
});

describe("the largest binding", () => {
  const adapter = (maxBufferBytes?: number): Parameters<typeof findBindingLimit>[0] => ({
    name: "GPU",
    backend: "Vulkan",
    isSoftware: false,
    limits: maxBufferBytes === undefined ? {} : { maxBufferBytes },
  });
  const cut = (pieces: number) => async (): Promise<ProbeOutcome> => ({
    answers: [],
    log: `Starting program "Expand:1:0;1:2;${pieces};1:1"`,
  });

  it("is read from the pieces of a tensor that is too large to be made", async () => {
    // 8 GiB less 256 bytes in so many pieces
    expect(await findBindingLimit(adapter(2 ** 32), cut(4))).toBe(2 ** 31 - 64);
    expect(await findBindingLimit(adapter(2 ** 30), cut(8))).toBe(2 ** 30 - 32);
  });

  it("stays unknown where such a tensor could be made, or nothing is said", async () => {
    expect(await findBindingLimit(adapter(), cut(4))).toBeUndefined();
    expect(await findBindingLimit(adapter(2 ** 40), cut(4))).toBeUndefined();
    const silent = async (): Promise<ProbeOutcome> => ({ answers: [], log: "" });
    expect(await findBindingLimit(adapter(2 ** 30), silent)).toBeUndefined();
  });
});

const driver = webgpuDriver();

describe.skipIf(driver === undefined)(`a probe on ${webgpuName()}`, () => {
  const env = { ...process.env, ...driver?.env };

  it("finds the driver in software with its limits", async () => {
    const probe = (): Promise<ProbeOutcome> => runProbe({ task: "adapter" }, { env });
    const { adapter } = await searchAdapter({ ...LINUX, devices: [] }, probe);
    expect(adapter).toMatchObject({ isSoftware: true, driver: expect.any(String) as string });
    expect(adapter?.limits.maxBufferBytes).toBeGreaterThanOrEqual(2 ** 28);
    expect(adapter?.limits.maxStorageBuffers).toBeGreaterThanOrEqual(8);
    const binding = await findBindingLimit(
      adapter as NonNullable<typeof adapter>,
      async (elements) => runProbe({ task: "segments", elements: [elements] }, { env }),
    );
    // WebGPU promises 128 MiB
    expect(binding).toBeGreaterThanOrEqual(2 ** 27);
  });

  it("says that there is no adapter where the driver is gone", async () => {
    const none = { ...env, VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };
    const search = await searchAdapter(LINUX, () => runProbe({ task: "adapter" }, { env: none }));
    expect(search).toMatchObject({
      reason: "No driver here offers an adapter that WebGPU can use.",
    });
  });
});

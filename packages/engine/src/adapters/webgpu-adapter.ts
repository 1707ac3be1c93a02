import { cpus } from "node:os";
import { onnxProviders } from "../onnx/providers.js";
import { findLibrary } from "./find-library.js";
import {
  graphicsDevices,
  hasGpuNode,
  type GpuVendor,
  type GraphicsDevice,
} from "./graphics-devices.js";
import { parseProbeLog, type ProbeLog } from "./probe-log.js";
import type { ProbeAnswer } from "./probe-request.js";
import { runProbe, type ProbeOutcome } from "./run-probe.js";
import { isSoftwareRenderer, vulkanDrivers, type VulkanDriver } from "./vulkan-drivers.js";

/** Limits of a device, those that could be found out. */
export interface DeviceLimits {
  /** Size of the largest buffer, and so of the largest tensor. */
  readonly maxBufferBytes?: number;
  /** Size of the largest piece of a buffer that a shader sees at once; onnxruntime cuts larger tensors into such pieces. */
  readonly maxBindingBytes?: number;
  /** Buffers that one shader can read and write. */
  readonly maxStorageBuffers?: number;
}

/** A device that WebGPU computes on. */
export interface WebGpuAdapter {
  readonly name: string;
  readonly backend: "Vulkan" | "Metal" | "Direct3D 12";
  /** Whether it is a renderer in software, which computes on the CPU. */
  readonly isSoftware: boolean;
  /** Shared library of the driver, where the Vulkan loader names it. */
  readonly driver?: string;
  readonly halfPrecision?: boolean;
  readonly memoryBytes?: number;
  readonly limits: DeviceLimits;
}

/** The adapter that WebGPU takes on this machine, or why there is none and what brings one. */
export type AdapterSearch =
  | { readonly adapter: WebGpuAdapter }
  | { readonly adapter: undefined; readonly reason: string; readonly help: string };

/** Facts that a search starts from; those of this machine by default. */
export interface SearchedMachine {
  readonly platform: NodeJS.Platform;
  readonly providers: readonly string[];
  /** Path of the Vulkan loader; on Linux. */
  readonly loader: string | undefined;
  readonly drivers: readonly VulkanDriver[];
  readonly devices: readonly GraphicsDevice[];
  readonly hasGpuNode: boolean;
  readonly processor: string;
}

function thisMachine(): SearchedMachine {
  const isLinux = process.platform === "linux";
  return {
    platform: process.platform,
    providers: onnxProviders(),
    loader: isLinux ? findLibrary("libvulkan.so.1") : undefined,
    drivers: isLinux ? vulkanDrivers() : [],
    devices: isLinux ? graphicsDevices() : [],
    hasGpuNode: isLinux && hasGpuNode(),
    processor: cpus()[0]?.model.trim() ?? "",
  };
}

let found: Promise<AdapterSearch> | undefined;

/**
 * The adapter that WebGPU takes: the provider is started in a process of its own, once a process, unless files tell already
 * that it cannot be. Never throws.
 */
export function webgpuAdapter(): Promise<AdapterSearch> {
  found ??= searchAdapter(thisMachine(), () => runProbe({ task: "adapter" }));
  return found;
}

/** The reason why a machine plainly has no adapter, by files alone; `undefined` where it may have one. */
function plainlyNoAdapter(machine: SearchedMachine = thisMachine()): AdapterSearch | undefined {
  const { drivers, loader, platform, providers } = machine;
  if (!providers.includes("webgpu"))
    return none(
      `onnxruntime-node has no WebGPU provider for ${platform}.`,
      "It has one for Linux, Windows, and macOS on Apple processors.",
    );
  if (platform !== "linux") return undefined;
  if (loader === undefined)
    return none(
      "The Vulkan loader, libvulkan.so.1, is not installed.",
      "Install it:\n  apt-get install libvulkan1    # Debian, Ubuntu\n  dnf install vulkan-loader     # Fedora",
    );
  if (drivers.length === 0) return none("No Vulkan driver is installed.", driverHelp(machine));
  return undefined;
}

/** The reason why a machine plainly has no GPU, by files alone; `undefined` where it may have one. */
export function plainlyNoGpu(machine: SearchedMachine = thisMachine()): AdapterSearch | undefined {
  const plainly = plainlyNoAdapter(machine);
  if (plainly !== undefined || machine.platform !== "linux") return plainly;
  if (machine.drivers.every(({ isSoftware }) => isSoftware))
    return none("The only Vulkan drivers here compute on the CPU.", driverHelp(machine));
  if (!machine.hasGpuNode)
    return none(
      "No GPU is within reach: neither /dev/dri/renderD* nor /dev/nvidia* is there.",
      [
        "In a container, hand the GPU on:",
        "  docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all    # NVIDIA",
        "  docker run --device /dev/dri                               # AMD, Intel",
      ].join("\n"),
    );
  return undefined;
}

/** Looks for the adapter of a machine. */
export async function searchAdapter(
  machine: SearchedMachine,
  probe: () => Promise<ProbeOutcome>,
): Promise<AdapterSearch> {
  const plainly = plainlyNoAdapter(machine);
  if (plainly !== undefined) return plainly;
  const outcome = await probe();
  const log = parseProbeLog(outcome.log);
  if (outcome.answers.some(({ type }) => type === "started"))
    return { adapter: adapterOf(machine, outcome.answers, log) };
  const refused = outcome.answers.find((answer) => answer.type === "refused");
  const reason = /No supported adapters/u.test(refused?.message ?? "")
    ? "No driver here offers an adapter that WebGPU can use."
    : `The WebGPU provider does not start: ${refused?.message ?? outcome.failure ?? "it said nothing."}`;
  return none(reason, driverHelp({ ...machine, devices: [...machine.devices, ...log.devices] }));
}

/** Elements of a tensor of 8 GiB less a little: a whole number of bindings of 1, 2 or 4 GiB, or of these less 4 bytes. */
const CUT_ELEMENTS = 2 ** 31 - 64;

/**
 * The largest binding of the adapter, to a few bytes: from the number of pieces that onnxruntime means to cut a tensor into
 * that is larger than a buffer may be, and so is never made. `undefined` where buffers may be that large.
 */
export async function findBindingLimit(
  { limits: { maxBufferBytes } }: WebGpuAdapter,
  probe: (elements: number) => Promise<ProbeOutcome> = (elements) =>
    runProbe({ task: "segments", elements: [elements] }),
): Promise<number | undefined> {
  const bytes = CUT_ELEMENTS * Float32Array.BYTES_PER_ELEMENT;
  if (maxBufferBytes === undefined || maxBufferBytes >= bytes) return undefined;
  const [pieces] = parseProbeLog((await probe(CUT_ELEMENTS)).log).segments;
  return pieces === undefined || pieces < 2 ? undefined : Math.ceil(bytes / pieces);
}

const none = (reason: string, help: string): AdapterSearch => ({
  adapter: undefined,
  reason,
  help,
});

const BACKENDS: Partial<Record<NodeJS.Platform, WebGpuAdapter["backend"]>> = {
  darwin: "Metal",
  win32: "Direct3D 12",
};

function adapterOf(
  machine: SearchedMachine,
  answers: readonly ProbeAnswer[],
  log: ProbeLog,
): WebGpuAdapter {
  const half = answers.find((answer) => answer.type === "half-precision");
  const buffers = answers.find((answer) => answer.type === "storage-buffers");
  return {
    ...identityOf(machine, log),
    backend: BACKENDS[machine.platform] ?? "Vulkan",
    ...(half === undefined ? {} : { halfPrecision: half.supported }),
    limits: {
      ...(log.maxBufferBytes === undefined ? {} : { maxBufferBytes: log.maxBufferBytes }),
      ...(buffers === undefined ? {} : { maxStorageBuffers: buffers.most }),
    },
  };
}

type Identity = Pick<WebGpuAdapter, "name" | "isSoftware" | "driver" | "memoryBytes">;

/** Only the Vulkan loader says which adapter computes; elsewhere it is the first GPU, which Dawn prefers to software. */
function identityOf(machine: SearchedMachine, log: ProbeLog): Identity {
  const { platform, processor } = machine;
  if (platform === "darwin")
    return { name: `GPU of ${processor || "this Mac"}`, isSoftware: false };
  const devices = machine.devices.length > 0 ? machine.devices : log.devices;
  if (log.adapter !== undefined) {
    const { driver, name } = log.adapter;
    const isSoftware = isSoftwareRenderer(name) || isSoftwareRenderer(driver);
    return { name, isSoftware, driver, ...(isSoftware ? {} : memoryOf(devices)) };
  }
  const [device] = devices;
  // where nobody says which of several drivers computes, one in software may
  const mayBeSoftware = machine.drivers.some(({ isSoftware }) => isSoftware);
  if (device === undefined || mayBeSoftware) {
    const name = platform === "win32" ? "Microsoft Basic Render Driver" : "unnamed adapter";
    return { name, isSoftware: true };
  }
  return { name: device.name, isSoftware: false, ...memoryOf(devices) };
}

/** Memory of the only graphics card; of several nobody says which one computes. */
function memoryOf(devices: readonly GraphicsDevice[]): { readonly memoryBytes?: number } {
  const [device] = devices;
  return devices.length === 1 && device?.memoryBytes !== undefined
    ? { memoryBytes: device.memoryBytes }
    : {};
}

/** Packages that bring a driver, by the graphics cards that are there. */
function driverHelp({ devices, platform }: SearchedMachine): string {
  if (platform === "win32") return "Install the driver of your graphics card's maker.";
  if (platform === "darwin") return "WebGPU needs Metal: a Mac whose system and hardware offer it.";
  const vendors = new Set(devices.map(({ vendor }) => vendor));
  const isUnknown = !["NVIDIA", "AMD", "Intel"].some((vendor) => vendors.has(vendor as GpuVendor));
  return [
    "A GPU computes through its Vulkan driver:",
    ...(isUnknown || vendors.has("NVIDIA")
      ? ["  apt-get install nvidia-driver          # NVIDIA; on Ubuntu: ubuntu-drivers install"]
      : []),
    ...(isUnknown || vendors.has("AMD") || vendors.has("Intel")
      ? ["  apt-get install mesa-vulkan-drivers    # AMD, Intel"]
      : []),
  ].join("\n");
}

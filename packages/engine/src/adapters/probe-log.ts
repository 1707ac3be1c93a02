import { vendorOf, type GraphicsDevice } from "./graphics-devices.js";

/** Facts that onnxruntime, Dawn and the Vulkan loader print while a probe runs. */
export interface ProbeLog {
  /** Adapter that computes, and the library that drives it; the Vulkan loader of Linux says so. */
  readonly adapter?: { readonly name: string; readonly driver: string };
  /** Graphics cards that onnxruntime found by itself. */
  readonly devices: readonly GraphicsDevice[];
  /** Size of the largest buffer. */
  readonly maxBufferBytes?: number;
  /** Buffers of one binding each that a large tensor was read as, by the order of the probe's tensors. */
  readonly segments: readonly number[];
}

/** `Using "NVIDIA H200" with driver: "libGLX_nvidia.so.0"`, of the Vulkan loader, where a device is made. */
const USED = /Using "(.+?)" with driver: "(.+?)"/u;
/** A device of type 1, a GPU, of onnxruntime's own search; on Windows with a description and a size in the metadata. */
const DEVICE =
  /OrtHardwareDevice \{vendor_id:0x([0-9a-f]+), device_id:0x([0-9a-f]+), vendor:.*?, type:1, metadata: \[(.*?)\]\}/giu;
const MAX_BUFFER = /exceeds the max buffer size limit \((\d+)\)/u;
/** The key of a shader: its inputs, then the type of its output and the number of buffers this lies in, if more than one. */
const EXPANDED =
  /Starting program "Expand(?:\[[^\]]*\])?:\d+:\d+;\d+:\d+;(?:(\d+);)?\d+(?::\d+)?"/gu;

/** Reads what a probe printed. */
export function parseProbeLog(text: string): ProbeLog {
  const [, name, driver] = USED.exec(text) ?? [];
  const [, maxBuffer] = MAX_BUFFER.exec(text) ?? [];
  return {
    ...(name === undefined || driver === undefined ? {} : { adapter: { name, driver } }),
    devices: [...text.matchAll(DEVICE)].map(deviceOf),
    ...(maxBuffer === undefined ? {} : { maxBufferBytes: Number(maxBuffer) }),
    segments: [...text.matchAll(EXPANDED)].map(([, segments]) => Number(segments ?? 1)),
  };
}

function deviceOf([
  ,
  pciVendor = "",
  pciDevice = "",
  metadata = "",
]: RegExpMatchArray): GraphicsDevice {
  const vendor = vendorOf(Number.parseInt(pciVendor, 16));
  const [, description] = /Description=([^,\]]+)/u.exec(metadata) ?? [];
  const [, megabytes] = /DxgiVideoMemory=(\d+) MB/u.exec(metadata) ?? [];
  const maker = vendor === "other" ? `0x${pciVendor}` : vendor;
  return {
    vendor,
    name: description?.trim() ?? `${maker} GPU 0x${pciDevice}`,
    ...(Number(megabytes) > 0 ? { memoryBytes: Number(megabytes) * 2 ** 20 } : {}),
  };
}

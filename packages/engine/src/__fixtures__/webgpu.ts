import { existsSync } from "node:fs";
import { findLibrary } from "../adapters/find-library.js";

/** Where Chromium and Chrome keep SwiftShader, a Vulkan driver in software, as the Vulkan loader reads it. */
const SWIFTSHADER_MANIFESTS: readonly string[] = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

export interface WebGpuDriver {
  /** Variables that name the driver; the Vulkan loader reads them at the first WebGPU session of a process. */
  readonly env: Readonly<Record<string, string>>;
}

function findDriver(): WebGpuDriver | string {
  if (process.platform !== "linux") return "these tests choose their driver on Linux only";
  if (findLibrary("libvulkan.so.1") === undefined)
    return "libvulkan.so.1 is not installed (apt-get install libvulkan1)";
  const named = process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"];
  const manifest =
    named !== undefined && named !== ""
      ? named
      : SWIFTSHADER_MANIFESTS.find((path) => existsSync(path));
  if (manifest === undefined)
    return "VK_DRIVER_FILES names no Vulkan driver, and Chromium's SwiftShader is not installed (apt-get install chromium)";
  return { env: { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest } };
}

/**
 * The driver that tests of WebGPU run on: what the environment names, else Chromium's SwiftShader. `undefined` where there
 * is none, and under `LIGO_REQUIRE_WEBGPU=1` an error. For a child process; {@link useWebGpuDriver} is for this one.
 */
export function webgpuDriver(): WebGpuDriver | undefined {
  const driver = findDriver();
  if (typeof driver !== "string") return driver;
  if (process.env["LIGO_REQUIRE_WEBGPU"] === "1")
    throw new Error(`LIGO_REQUIRE_WEBGPU=1, but the tests of WebGPU have no driver: ${driver}.`);
  return undefined;
}

/** Sets the driver for the sessions of this process; call it before the first one. Whether there is a driver. */
export function useWebGpuDriver(): boolean {
  const driver = webgpuDriver();
  if (driver) Object.assign(process.env, driver.env);
  return driver !== undefined;
}

/** `webgpu` for the titles of tests, which says why they are skipped. */
export function webgpuName(): string {
  const driver = findDriver();
  return typeof driver === "string" ? `webgpu (skipped: ${driver})` : "webgpu";
}

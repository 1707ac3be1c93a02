import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLibrary } from "./find-library.js";
import { graphicsDevices, hasGpuNode } from "./graphics-devices.js";
import { vulkanDrivers } from "./vulkan-drivers.js";

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "ligo-machine-"))));
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const manifest = (library: string): string =>
  JSON.stringify({ file_format_version: "1.0.0", ICD: { library_path: library } });

describe("Vulkan drivers", () => {
  it("are those of the folders that the loader searches", () => {
    const radeon = write(
      "share/vulkan/icd.d/radeon_icd.x86_64.json",
      manifest("libvulkan_radeon.so"),
    );
    const lavapipe = write("share/vulkan/icd.d/lvp_icd.x86_64.json", manifest("libvulkan_lvp.so"));
    write("share/vulkan/icd.d/broken.json", "{");
    write("share/vulkan/icd.d/README", "");
    const env = {
      HOME: root,
      XDG_CONFIG_DIRS: join(root, "none"),
      XDG_DATA_DIRS: join(root, "share"),
    };
    const found = vulkanDrivers(env).filter(({ manifest: file }) => file.startsWith(root));
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({
      manifest: radeon,
      library: "libvulkan_radeon.so",
      isSoftware: false,
    });
    expect(found).toContainEqual({
      manifest: lavapipe,
      library: "libvulkan_lvp.so",
      isSoftware: true,
    });
  });

  it("are those that the environment names, files and folders, and no others", () => {
    const swiftshader = write("vk_swiftshader_icd.json", manifest("./libvk_swiftshader.so"));
    write("icds/nvidia_icd.json", manifest("libGLX_nvidia.so.0"));
    const named = [swiftshader, join(root, "icds"), join(root, "missing.json")].join(":");
    for (const env of [{ VK_DRIVER_FILES: named }, { VK_ICD_FILENAMES: named }])
      expect(vulkanDrivers(env).map(({ isSoftware }) => isSoftware)).toEqual([true, false]);
  });
});

describe("graphics cards", () => {
  it("are told with their memory; emulated screens are left out", () => {
    write("sys/class/drm/card0/device/vendor", "0x1234\n");
    write("sys/class/drm/card1/device/vendor", "0x1002\n");
    write("sys/class/drm/card1/device/device", "0x744c\n");
    write("sys/class/drm/card1/device/mem_info_vram_total", "25753026560\n");
    write("sys/class/drm/card1-DP-1/status", "connected\n");
    expect(graphicsDevices(root)).toEqual([
      { vendor: "AMD", name: "AMD GPU 0x744c", memoryBytes: 25753026560 },
    ]);
  });

  it("of NVIDIA are named by its driver, once", () => {
    write("sys/class/drm/card0/device/vendor", "0x10de\n");
    write("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA H200\nIRQ: 1\n");
    expect(graphicsDevices(root)).toEqual([{ vendor: "NVIDIA", name: "NVIDIA H200" }]);
  });

  it("can be reached through a node", () => {
    expect(hasGpuNode(root)).toBe(false);
    write("dev/nvidiactl", "");
    write("dev/dri/card0", "");
    expect(hasGpuNode(root)).toBe(false);
    write("dev/dri/renderD128", "");
    expect(hasGpuNode(root)).toBe(true);
  });
});

it("A library is looked for where LD_LIBRARY_PATH says first", () => {
  const file = write("lib/libvulkan.so.1", "");
  expect(findLibrary("libvulkan.so.1", { LD_LIBRARY_PATH: `:/none:${dirname(file)}` })).toBe(file);
  expect(findLibrary("libnone-of-this-name.so.1", {})).toBeUndefined();
});

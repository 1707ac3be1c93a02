import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type GpuVendor = "NVIDIA" | "AMD" | "Intel" | "Apple" | "other";

/** A graphics card as the system tells it; a driver for computing may still be missing. */
export interface GraphicsDevice {
  readonly vendor: GpuVendor;
  readonly name: string;
  /** Memory of its own. */
  readonly memoryBytes?: number;
}

/** PCI vendors. */
const VENDORS: Readonly<Record<number, GpuVendor>> = {
  0x10de: "NVIDIA",
  0x1002: "AMD",
  0x8086: "Intel",
  0x106b: "Apple",
};

/** PCI vendors of screens that virtual machines emulate: QEMU, VMware, VirtualBox, Hyper-V, Amazon, ASPEED, Matrox. */
const EMULATED: ReadonlySet<number> = new Set([
  0x1234, 0x1b36, 0x15ad, 0x80ee, 0x1414, 0x1d0f, 0x1a03, 0x102b,
]);

export const vendorOf = (pciVendor: number): GpuVendor => VENDORS[pciVendor] ?? "other";

/** The graphics cards of a Linux machine by `/sys` and `/proc` under a root; emulated screens are left out. */
export function graphicsDevices(root = "/"): readonly GraphicsDevice[] {
  const nvidia = nvidiaDevices(root);
  const others = drmDevices(root).filter(
    ({ vendor }) => vendor !== "NVIDIA" || nvidia.length === 0,
  );
  return [...nvidia, ...others];
}

/** Whether a Linux machine lets this process reach a GPU: a render node, NVIDIA's device, or that of Windows' own Linux. */
export function hasGpuNode(root = "/"): boolean {
  return (
    entries(join(root, "dev/dri")).some((name) => name.startsWith("renderD")) ||
    entries(join(root, "dev")).some((name) => /^(nvidia\d+|dxg)$/u.test(name))
  );
}

function nvidiaDevices(root: string): readonly GraphicsDevice[] {
  const folder = join(root, "proc/driver/nvidia/gpus");
  return entries(folder).map((name) => {
    const [, model = "NVIDIA GPU"] =
      /^Model:\s*(.+)$/mu.exec(contents(join(folder, name, "information"))) ?? [];
    return { vendor: "NVIDIA", name: model.trim() };
  });
}

function drmDevices(root: string): readonly GraphicsDevice[] {
  const folder = join(root, "sys/class/drm");
  return entries(folder)
    .filter((name) => /^card\d+$/u.test(name))
    .flatMap((name) => {
      const device = join(folder, name, "device");
      const pciVendor = Number(contents(join(device, "vendor")).trim());
      if (!(pciVendor > 0) || EMULATED.has(pciVendor)) return [];
      const vendor = vendorOf(pciVendor);
      const memoryBytes = Number(contents(join(device, "mem_info_vram_total")).trim());
      const id = contents(join(device, "device")).trim();
      return [
        {
          vendor,
          name: `${vendor === "other" ? contents(join(device, "vendor")).trim() : vendor} GPU ${id}`,
          ...(memoryBytes > 0 ? { memoryBytes } : {}),
        },
      ];
    });
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

const contents = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

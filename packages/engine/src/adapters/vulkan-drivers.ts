import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { pathList, type Environment } from "./environment.js";

/** A driver that the Vulkan loader would try, as its manifest (ICD) tells it. */
export interface VulkanDriver {
  readonly manifest: string;
  /** Shared library that the manifest names. */
  readonly library: string;
  /** Whether it computes on the CPU. */
  readonly isSoftware: boolean;
}

/** Names of Vulkan and Direct3D drivers that compute on the CPU, and of their libraries. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|lvp_icd|_lvp\b|basic render|\bWARP\b/iu;

/** Whether an adapter or a driver of this name computes on the CPU. */
export const isSoftwareRenderer = (name: string): boolean => SOFTWARE.test(name);

/** Files and folders that the Vulkan loader looks for manifests in, by its own rules for Linux. */
function placesOf(env: Environment): readonly string[] {
  const named = [...pathList(env["VK_DRIVER_FILES"]), ...pathList(env["VK_ICD_FILENAMES"])];
  if (named.length > 0) return named;
  const home = env["HOME"] ?? homedir();
  const config = env["XDG_CONFIG_DIRS"] ?? "/etc/xdg";
  const data = env["XDG_DATA_DIRS"] ?? "/usr/local/share:/usr/share";
  const folders = [
    env["XDG_CONFIG_HOME"] ?? join(home, ".config"),
    ...pathList(config),
    "/etc",
    env["XDG_DATA_HOME"] ?? join(home, ".local/share"),
    ...pathList(data),
  ];
  return [
    ...pathList(env["VK_ADD_DRIVER_FILES"]),
    ...folders.map((folder) => join(folder, "vulkan/icd.d")),
  ];
}

/** The Vulkan drivers of a Linux machine, in the order of the loader. Manifests that cannot be read are left out. */
export function vulkanDrivers(env: Environment = process.env): readonly VulkanDriver[] {
  const manifests = placesOf(env).flatMap((place) => {
    if (!existsSync(place)) return [];
    if (!statSync(place).isDirectory()) return [place];
    return readdirSync(place)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(place, name));
  });
  return [...new Set(manifests)].flatMap((manifest) => {
    const library = libraryOf(manifest);
    if (library === undefined) return [];
    const isSoftware = isSoftwareRenderer(basename(manifest)) || isSoftwareRenderer(library);
    return [{ manifest, library, isSoftware }];
  });
}

function libraryOf(manifest: string): string | undefined {
  try {
    const { ICD } = JSON.parse(readFileSync(manifest, "utf8")) as {
      readonly ICD?: { readonly library_path?: unknown };
    };
    return typeof ICD?.library_path === "string" ? ICD.library_path : undefined;
  } catch {
    return undefined;
  }
}

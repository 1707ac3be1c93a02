import { lazyTensors } from "@ligo/checkpoint";
import { readMomentsSync } from "../moments/moments-file.js";
import { companionsIn } from "./companion-files.js";
import type { MemoryModel } from "./model-source.js";

interface FolderContents {
  readonly tensors: MemoryModel["tensors"];
  readonly companions: ReadonlyMap<string, Uint8Array>;
  readonly moments: MemoryModel["moments"];
}

/** Tensors and companions of a model that lies in a folder, each read when it is first asked for. */
export function folderContents(folder: string): FolderContents {
  let tensors: MemoryModel["tensors"] | undefined;
  let moments: { readonly found: MemoryModel["moments"] } | undefined;
  let companions: ReadonlyMap<string, Uint8Array> | undefined;
  return {
    get tensors() {
      tensors ??= lazyTensors(folder);
      return tensors;
    },
    get companions() {
      companions ??= companionsIn(folder);
      return companions;
    },
    get moments() {
      moments ??= { found: readMomentsSync(folder) };
      return moments.found;
    },
  };
}

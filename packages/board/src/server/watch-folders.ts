import { watch, type FSWatcher } from "node:fs";

/** Tells of changes in folders. */
export interface FolderWatch {
  /** The folders to watch from now on. */
  follow(folders: readonly string[]): void;
  close(): void;
}

/** Milliseconds that changes are gathered for, and between two looks that need no change: a process that dies changes no file. */
const [GATHERED, POLLED] = [250, 2000];

/**
 * Calls `onChange` soon after something changed in the folders, and now and then anyway: where folders cannot be watched (network
 * disks, too many of them) that is all there is.
 */
export function watchFolders(onChange: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, GATHERED);
  };
  const poll = setInterval(onChange, POLLED);
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  return {
    follow(folders) {
      const wanted = new Set(folders);
      for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
      for (const folder of wanted) {
        if (watchers.has(folder)) continue;
        try {
          const watcher = watch(folder, { persistent: false }, soon);
          watcher.on("error", () => drop(folder));
          watchers.set(folder, watcher);
        } catch {
          // the poll sees it
        }
      }
    },
    close() {
      clearInterval(poll);
      clearTimeout(timer);
      for (const folder of watchers.keys()) drop(folder);
    },
  };
}

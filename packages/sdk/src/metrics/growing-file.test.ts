import { readFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { createGrowingFile } from "./growing-file.js";

/** A handle whose disk is full for a while: it takes half of what it is given, and then refuses. */
function fullDisk(handle: FileHandle): { isFull: boolean; readonly handle: FileHandle } {
  const disk = {
    isFull: false,
    handle: {
      truncate: (size: number) => handle.truncate(size),
      async appendFile(bytes: Buffer) {
        if (!disk.isFull) return handle.appendFile(bytes);
        await handle.appendFile(bytes.subarray(0, bytes.length / 2));
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
    } as unknown as FileHandle,
  };
  return disk;
}

it("keeps what the disk refuses, and writes it, whole and in order, when it can", async () => {
  const path = join(temporaryFolder(), "file");
  const handle = await open(path, "a");
  const disk = fullDisk(handle);
  const file = createGrowingFile(disk.handle, 0);
  expect(String(await file.append(Buffer.from("one\n")))).toBe("one\n");
  disk.isFull = true;
  await expect(file.append(Buffer.from("two\n"))).rejects.toThrow("no space");
  await expect(file.append(Buffer.from("three\n"))).rejects.toThrow("no space");
  expect(String(file.waiting)).toBe("two\nthree\n");
  disk.isFull = false;
  expect(String(await file.append(Buffer.from("four\n")))).toBe("two\nthree\nfour\n");
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\nfour\n");
  expect(file.waiting).toHaveLength(0);

  // what waited when a process ended comes first in the next one
  const next = createGrowingFile(handle, 19, Buffer.from("five\n"));
  await next.append(Buffer.alloc(0));
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\nfour\nfive\n");
  await handle.close();
});

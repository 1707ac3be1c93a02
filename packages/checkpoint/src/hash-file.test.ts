import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { hashFile } from "./hash-file.js";

it.each([
  // Test vectors of FIPS 180-2, and what sha256sum says of nothing.
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
])("hashes a file", async (contents, expected) => {
  const path = join(temporaryFolder(), "x");
  await writeFile(path, contents);
  expect(await hashFile(path)).toBe(expected);
});

it("hashes a file longer than one piece", async () => {
  const path = join(temporaryFolder(), "x");
  await writeFile(path, Buffer.alloc(5_000_001));
  // head -c 5000001 /dev/zero | sha256sum
  expect(await hashFile(path)).toBe(
    "275e0802eeb790a61bbcaec378cfd7e0ac6e961be319a85df49ca5e9b7461618",
  );
});

it("refuses what is not there, and what is no file", async () => {
  const folder = temporaryFolder();
  expect((await failure(hashFile(join(folder, "none")))).code).toBe("checkpoint/not-found");
  expect((await failure(hashFile(folder))).code).toBe("checkpoint/not-a-file");
});

it("stops when the signal aborts", async () => {
  const path = join(temporaryFolder(), "x");
  await writeFile(path, "abc");
  const reason = new Error("enough");
  await expect(hashFile(path, AbortSignal.abort(reason))).rejects.toBe(reason);
});

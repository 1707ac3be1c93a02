import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { writeFailure } from "./atomic-file.js";

/** An error as Node.js throws it. */
const systemError = (code: string, errno: number): Error =>
  Object.assign(new Error(`${code}: write`), { code, errno });

describe("a write that fails", () => {
  it.each([
    ["ENOSPC", -constants.errno.ENOSPC, "ENOSPC", "free some space"],
    // libuv has no name for it
    [
      `Unknown system error -${constants.errno.EDQUOT}`,
      -constants.errno.EDQUOT,
      "EDQUOT",
      "free some space",
    ],
    ["EROFS", -constants.errno.EROFS, "EROFS", "write elsewhere"],
    ["EACCES", -constants.errno.EACCES, "EACCES", "permissions"],
    ["Unknown system error -9999", -9999, "-9999", "permissions"],
  ])("by %s is told with advice", (code, errno, shown, advice) => {
    const error = writeFailure("a.json", systemError(code, errno)) as Error;
    expect(error).toMatchObject({ code: "output/write-failed", file: "a.json" });
    expect(error.message).toContain(shown);
    expect(error.message).toContain(advice);
  });

  it("by anything else is what it was", () => {
    const error = new Error("no system call");
    expect(writeFailure("a.json", error)).toBe(error);
  });
});

import { describe, expect, it } from "vitest";
import { LayoutError } from "./layout-error.js";
import { LigoError } from "./ligo-error.js";

describe("LigoError", () => {
  it("carries its code, its facts and its class name", () => {
    const cause = new Error("inner");
    const error = new LayoutError("layout/x", "message", {
      tensor: "w",
      expected: "1",
      actual: "2",
      cause,
    });
    expect(error).toMatchObject({
      name: "LayoutError",
      code: "layout/x",
      tensor: "w",
      expected: "1",
      actual: "2",
    });
    expect(error.cause).toBe(cause);
    expect(error.file).toBeUndefined();
  });

  it("recognises its own, also from another copy of the package, and nothing else", () => {
    expect(LigoError.isInstance(new LayoutError("layout/x", "message"))).toBe(true);
    expect(LigoError.isInstance({ [Symbol.for("ligo.error")]: true })).toBe(true);
    for (const other of [new Error("x"), null, undefined, "ligo.error", {}]) {
      expect(LigoError.isInstance(other)).toBe(false);
    }
  });
});

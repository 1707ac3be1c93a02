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

  it("leaves the middle of an endless message out, and nothing of others", () => {
    const said = new LigoError("x", `a.json has ${"x".repeat(100_000)}. Mend it.`).message;
    expect(said).toMatch(
      /^a\.json has x+ \.\.\. \(\d+ characters left out\) \.\.\. x+\. Mend it\.$/u,
    );
    expect(said.length).toBeLessThan(4100);
    const long = `${"word ".repeat(700)}end`;
    expect(new LigoError("x", long).message).toBe(long);
  });

  it("recognises its own, also from another copy of the package, and nothing else", () => {
    expect(LigoError.isInstance(new LayoutError("layout/x", "message"))).toBe(true);
    expect(LigoError.isInstance({ [Symbol.for("ligo.error")]: true })).toBe(true);
    for (const other of [new Error("x"), null, undefined, "ligo.error", {}]) {
      expect(LigoError.isInstance(other)).toBe(false);
    }
  });
});

/* oxlint-disable no-console, vitest/expect-expect -- the console is what is tested here. */
import { describe, expect, it, vi } from "vitest";

describe("console in tests", () => {
  it.fails("fails a test that writes", () => {
    console.warn("a stray message");
  });

  it("leaves a spied method to the test", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    console.warn("expected");
    expect(warn).toHaveBeenCalledWith("expected");
  });
});

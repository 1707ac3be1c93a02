import { describe, expect, it } from "vitest";
import { formatBytes, formatFlops, formatSeconds, formatTable } from "./format.js";

describe("format", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [12_345, "12.3 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [438_057_192, "438 MB"],
  ])("%d bytes are %s", (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });

  it("counts operations up to exa", () => {
    expect(formatFlops(3.07e12)).toBe("3.07 TFLOPs");
    expect(formatFlops(2.5e22)).toBe("25000 EFLOPs");
  });

  it.each([
    [0.004, "0.00 s"],
    [9.87, "9.87 s"],
    [42.4, "42 s"],
    [185, "3 min 05 s"],
    [7620, "2 h 07 min"],
  ])("%d seconds are %s", (value, text) => {
    expect(formatSeconds(value)).toBe(text);
  });

  it("aligns columns and leaves no space at the end of a line", () => {
    const rows = [
      ["a", "long", ""],
      ["bcd", "x", "y"],
    ];
    expect(formatTable(rows)).toBe("a    long\nbcd  x     y\n");
  });
});

import { describe, expect, it } from "vitest";
import { createMultiply } from "./multiply.js";

describe("createMultiply", () => {
  it("multiplies by a matrix and by a transpose", async () => {
    const multiply = await createMultiply();
    const a = { rows: 2, columns: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const b = { rows: 3, columns: 2, data: Float32Array.of(1, 0, 0, 1, 1, 1) };
    expect(await multiply(a, b, {})).toEqual({
      rows: 2,
      columns: 2,
      data: Float32Array.of(4, 5, 10, 11),
    });
    const c = { rows: 2, columns: 3, data: Float32Array.of(1, 0, 1, 0, 1, 1) };
    expect(await multiply(a, c, { transposeB: true })).toEqual({
      rows: 2,
      columns: 2,
      data: Float32Array.of(4, 5, 10, 11),
    });
    const into = new Float32Array(6).subarray(1, 5);
    expect((await multiply(a, c, { transposeB: true, into })).data).toBe(into);
    expect([...new Float32Array(into.buffer)]).toEqual([0, 4, 5, 10, 11, 0]);
  });
});

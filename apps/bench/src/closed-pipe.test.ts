import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { endWithReader } from "./closed-pipe.js";

it("ends with code 0 where the reader has left, and with the error otherwise", () => {
  const codes: number[] = [];
  const [output, other] = [new PassThrough(), new PassThrough()];
  endWithReader([output, other], (code) => void codes.push(code));
  output.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  expect(codes).toEqual([0]);
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  expect(() => other.emit("error", full)).toThrow(full);
  expect(codes).toEqual([0]);
});

import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { endWithReader, isClosedPipe } from "./closed-pipe.js";

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

describe("endWithReader", () => {
  it.each([
    [0, "EPIPE", 0],
    [1, "EPIPE", 0],
    [0, "EIO", 1],
  ])("stream %i fails with %s: exit code %i", (index, code, expected) => {
    const streams = [new EventEmitter(), new EventEmitter()];
    const codes: number[] = [];
    endWithReader(streams, (exit) => codes.push(exit));
    streams[index]?.emit("error", failure(code));
    expect(codes).toEqual([expected]);
  });

  it("knows a closed pipe from other errors", () => {
    expect(isClosedPipe(failure("EPIPE"))).toBe(true);
    expect(isClosedPipe(failure("EIO"))).toBe(false);
    expect(isClosedPipe("EPIPE")).toBe(false);
  });
});

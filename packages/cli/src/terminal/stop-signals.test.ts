import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { stopSignal } from "./stop-signals.js";

describe("stopSignal", () => {
  it.each([
    ["SIGINT", "SIGINT"],
    ["SIGTERM", "SIGINT"],
  ])("is aborted by %s, and %s after it ends the process", (first, second) => {
    const exit = vi.fn<(code: number) => void>();
    const source = Object.assign(new EventEmitter(), { exit });
    const signal = stopSignal(source);
    expect(signal.aborted).toBe(false);
    source.emit(first);
    expect([signal.aborted, exit.mock.calls]).toEqual([true, []]);
    source.emit(second);
    expect(exit.mock.calls).toEqual([[130]]);
  });
});

import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { listenForStop } from "./stop-signals.js";

function listening(outlivesTerminal: boolean = false) {
  const exit = vi.fn<(code: number) => void>();
  const source = Object.assign(new EventEmitter(), { exit });
  return { exit, source, stop: listenForStop(source, outlivesTerminal) };
}

describe("listenForStop", () => {
  it.each([
    ["SIGINT", "SIGINT"],
    ["SIGTERM", "SIGINT"],
  ])("is aborted by %s, and %s after it ends the process", (first, second) => {
    const { exit, source, stop } = listening();
    expect(stop.signal.aborted).toBe(false);
    source.emit(first);
    expect([stop.signal.aborted, exit.mock.calls]).toEqual([true, []]);
    source.emit(second);
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it("is aborted by hangups, which never keep a step from being saved", () => {
    const { exit, source, stop } = listening();
    source.emit("SIGHUP");
    expect(stop.signal.aborted).toBe(true);
    source.emit("SIGHUP");
    // as a service manager does
    source.emit("SIGTERM");
    source.emit("SIGHUP");
    expect(exit.mock.calls).toEqual([]);
    source.emit("SIGTERM");
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it("is aborted where the terminal is found to be gone", () => {
    const { stop } = listening();
    stop.hangUp();
    expect(stop.signal.aborted).toBe(true);
  });

  it("outlives its terminal where it was started to, and can be stopped all the same", () => {
    const { exit, source, stop } = listening(true);
    // somebody has to listen: without that Node lets a hangup end the process
    expect(source.listenerCount("SIGHUP")).toBe(1);
    source.emit("SIGHUP");
    stop.hangUp();
    expect(stop.signal.aborted).toBe(false);
    source.emit("SIGTERM");
    expect([stop.signal.aborted, exit.mock.calls]).toEqual([true, []]);
  });
});

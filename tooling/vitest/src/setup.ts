/**
 * Runs before every test file: registers the matchers, and fails a test that writes to the console. A test that
 * expects output replaces the method itself (`vi.spyOn(console, "warn").mockImplementation(...)`).
 */
import { afterEach, beforeEach, expect, vi } from "vitest";
import "./matchers.js";

const METHODS = ["debug", "error", "info", "log", "table", "trace", "warn"] as const;

const originals = Object.fromEntries(METHODS.map((method) => [method, console[method]]));
let written: string[] = [];

beforeEach(() => {
  written = [];
  for (const method of METHODS) {
    console[method] = (...values: unknown[]) => {
      written.push(`console.${method}(${values.map(String).join(", ")})`);
    };
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const method of METHODS) Object.assign(console, { [method]: originals[method] });
  expect(written, "a test must not write to the console").toEqual([]);
});

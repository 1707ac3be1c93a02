/**
 * Runs before every test file: registers the matchers, gives it a cache of its own, and fails a test that writes to the console. A test that
 * expects output replaces the method itself (`vi.spyOn(console, "warn").mockImplementation(...)`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import "./matchers.js";

const METHODS = ["debug", "error", "info", "log", "table", "trace", "warn"] as const;

const originals = Object.fromEntries(METHODS.map((method) => [method, console[method]]));
let written: string[] = [];

beforeAll(() => {
  process.env["LIGO_CACHE"] = mkdtempSync(join(tmpdir(), "ligo-test-cache-"));
});

afterAll(() => {
  rmSync(process.env["LIGO_CACHE"] ?? "", { recursive: true, force: true });
});

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

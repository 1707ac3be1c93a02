import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { EngineError } from "../engine-error.js";
import { loadRuntime, ONNXRUNTIME_VERSION } from "./load-runtime.js";

/** The error that a loading ends with. */
function failure(load: (name: string) => unknown): EngineError {
  try {
    loadRuntime(load);
  } catch (error) {
    if (error instanceof EngineError) return error;
  }
  throw new Error("no EngineError");
}

it("says how to install onnxruntime where npm left it out", () => {
  // no node_modules above the root of the disk
  const { code, message } = failure(createRequire(pathToFileURL(join("/", "program.js"))));
  expect(code).toBe("engine/no-runtime");
  expect(message).toContain(
    `  npm install --ignore-scripts onnxruntime-node@${ONNXRUNTIME_VERSION}`,
  );
});

it("tells a library that does not load from one that is not there", () => {
  const { code, message } = failure(() => {
    throw new Error("libonnxruntime.so.1: cannot open shared object file");
  });
  expect(code).toBe("engine/runtime");
  expect(message).toContain("cannot open shared object file");
});

it("names the version that the package asks for", () => {
  const manifest = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { readonly optionalDependencies: Readonly<Record<string, string>> };
  expect(manifest.optionalDependencies["onnxruntime-node"]).toBe(ONNXRUNTIME_VERSION);
});

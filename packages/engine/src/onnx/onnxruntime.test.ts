import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

/** Where onnxruntime would keep them. */
const FOLDERS = ["HOME", "XDG_CACHE_HOME", "TMPDIR"];

/** Variables that keep onnxruntime silent: the one set here, and those by which it knows continuous integration. */
const SILENCING = [
  "ORT_DISABLE_TELEMETRY",
  "ORT_RUNNING_UNIT_TESTS",
  "CI",
  "CIRCLECI",
  "GITHUB_ACTIONS",
  "GITLAB_CI",
  "JENKINS_URL",
  "TF_BUILD",
];

const folder = mkdtempSync(join(tmpdir(), "ligo-onnxruntime-"));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("a session reports nothing: it leaves no identifier of the device and no log of uploads", async () => {
  for (const name of FOLDERS) vi.stubEnv(name, folder);
  for (const name of SILENCING) vi.stubEnv(name, undefined);
  const { createMultiply } = await import("../multiply.js");
  const multiply = await createMultiply();
  const one = { rows: 1, columns: 1, data: Float32Array.of(3) };
  const { data } = await multiply(one, one, {});
  expect(data).toEqual(Float32Array.of(9));
  expect(readdirSync(folder)).toEqual([]);
});

// The published packages of this repository, for the scripts of a release.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program that npm installed or npm itself, and shows its output; returns the output where it is asked for. */
export function run(command, argv, { cwd = root, output = false } = {}) {
  return execFileSync(command, argv, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", output ? "pipe" : "inherit", "inherit"],
    // npm and npx are scripts there, which no program can start by itself
    shell: process.platform === "win32",
  });
}

/** Manifests of all workspaces below a checkout, each with its folder. */
export function workspaces(checkout = root) {
  const { workspaces: patterns } = readManifest(checkout);
  return patterns
    .map((pattern) => pattern.replace(/\/\*$/u, ""))
    .flatMap((parent) => readdirSync(join(checkout, parent)).map((name) => join(parent, name)))
    .filter((folder) => existsSync(join(checkout, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readManifest(join(checkout, folder)) }));
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Published packages, each behind those it needs. Throws where they need each other in a circle. */
export function inOrder(packages) {
  const waiting = new Map(packages.map((one) => [one.manifest.name, one]));
  const needs = ({ dependencies, optionalDependencies, peerDependencies }) =>
    Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const ordered = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ manifest }) =>
      needs(manifest).every((name) => !waiting.has(name)),
    );
    if (ready.length === 0) throw new Error(`A circle: ${[...waiting.keys()].join(", ")}`);
    for (const one of ready) {
      ordered.push(one);
      waiting.delete(one.manifest.name);
    }
  }
  return ordered;
}

export const isPublished = ({ manifest }) => manifest.private !== true;

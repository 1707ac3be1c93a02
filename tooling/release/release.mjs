// A release: builds and checks everything as npm will have it, then publishes.
//
//   npm run release                 all of it; needs to be logged in to npm, or to run in CI
//   npm run release -- --dry-run    all but the upload
//
// Needs the npm registry. Exits with 1 where anything is not as it should be.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOrder, isPublished, root, run, workspaces } from "./packages.mjs";
import { version } from "./version.mjs";

const isDryRun = process.argv.includes("--dry-run");
const work = mkdtempSync(join(tmpdir(), "ligo-release-"));
const packages = inOrder(workspaces().filter(isPublished));

const say = (text) => void process.stdout.write(`\n== ${text}\n`);

/** Changesets that wait for `npm run version`. */
const waiting = readdirSync(join(root, ".changeset")).filter(
  (name) => name.endsWith(".md") && name !== "README.md",
);

/** The one version of all published packages below a checkout, each of which has a changelog of it. */
function checkVersions(checkout) {
  const versions = new Set();
  for (const { folder, manifest } of workspaces(checkout).filter(isPublished)) {
    versions.add(manifest.version);
    const changelog = readFileSync(join(checkout, folder, "CHANGELOG.md"), "utf8");
    assert.match(changelog, new RegExp(`^## ${manifest.version}$`, "mu"), `${folder}/CHANGELOG.md`);
  }
  assert.equal(versions.size, 1, `versions differ: ${[...versions].join(", ")}`);
  return [...versions][0];
}

/** The version that is published next: of the last commit, where changesets wait. */
function nextVersion() {
  if (waiting.length === 0) return checkVersions(root);
  const checkout = join(work, "checkout");
  run("git", ["worktree", "add", "--detach", "--quiet", checkout]);
  try {
    symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"), "junction");
    version(checkout);
    return checkVersions(checkout);
  } finally {
    rmSync(join(checkout, "node_modules"), { force: true });
    run("git", ["worktree", "remove", "--force", checkout]);
  }
}

/** Declarations of every tarball, as TypeScript resolves them in Node's way and in a bundler's. */
function checkTypes() {
  const tarballs = join(work, "tarballs");
  mkdirSync(tarballs);
  const folders = packages.map(({ folder }) => join(root, folder));
  const packed = run("npm", ["pack", "--json", "--pack-destination", tarballs, ...folders], {
    output: true,
  });
  for (const { filename } of JSON.parse(packed)) {
    run("npx", ["attw", join(tarballs, filename), "--profile", "esm-only", "--quiet"]);
  }
  process.stdout.write(`${packages.length} packages\n`);
}

try {
  assert.ok(isDryRun || waiting.length === 0, `changesets wait; first: npm run version`);
  say("builds, and what publint says");
  run("npx", ["turbo", "run", "build", "publint", "--output-logs=errors-only"]);
  say("types of the packed packages (attw)");
  checkTypes();
  say("versions");
  process.stdout.write(`${nextVersion()}\n`);
  say("npm publish --dry-run, each package behind those it needs");
  for (const { folder } of packages) {
    run("npm", ["publish", "--dry-run", "--loglevel=error", join(root, folder)]);
  }
  say("installs and grows outside this repository");
  run(process.execPath, [join(root, "tooling", "outside", "check.mjs")]);
  if (isDryRun) say("all but the upload is done");
  else run("npx", ["changeset", "publish"]);
} finally {
  rmSync(work, { recursive: true, force: true });
}

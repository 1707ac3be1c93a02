// Turns the waiting changesets into versions and changelogs of the published packages.
//
//   npm run version
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPublished, root, run, workspaces } from "./packages.mjs";

/** Versions a checkout, whose tools are those of this repository. */
export function version(checkout) {
  const changesets = join(root, "node_modules", "@changesets", "cli", "bin.js");
  run(process.execPath, [changesets, "version"], { cwd: checkout });
  for (const { folder, manifest } of workspaces(checkout).filter((one) => !isPublished(one))) {
    const changelog = join(checkout, folder, "CHANGELOG.md");
    if (!existsSync(changelog)) continue;
    process.stdout.write(`${manifest.name} is not published: no changelog\n`);
    rmSync(changelog);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  version(root);
  run("npm", ["install", "--package-lock-only", "--no-audit", "--no-fund"]);
}

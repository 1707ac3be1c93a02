import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Options } from "tsup";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** File of a build that holds the licences of others. */
const FILE = "LICENSES-HELD.txt";

/**
 * Build step that writes the licences of the packages whose code the build holds into one file beside it. A build that holds none
 * gets none.
 */
export function licencesPlugin(): EsbuildPlugin {
  return {
    name: "licences",
    setup(build) {
      const directory = process.cwd();
      const { outdir = join(directory, "dist") } = build.initialOptions;
      build.onEnd((result) => {
        const inputs = Object.values(result.metafile?.outputs ?? {}).flatMap(({ inputs: parts }) =>
          Object.entries(parts).flatMap(([file, { bytesInOutput }]) =>
            bytesInOutput > 0 ? [resolve(directory, file)] : [],
          ),
        );
        const held = new Set(inputs.flatMap((file) => packageFolder(file) ?? []));
        if (held.size === 0) return;
        const texts = ["This build holds code of others.", ...[...held].toSorted().map(licenceOf)];
        writeFileSync(join(outdir, FILE), `${texts.join("\n\n")}\n`);
      });
    },
  };
}

/** Folder of the installed package that a file belongs to. */
const packageFolder = (file: string): string | undefined =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/u.exec(file)?.[0];

/** A package's name, and its licence as it came: a file of its own, else the last part of its README. */
function licenceOf(folder: string): string {
  const { license, name, version } = JSON.parse(textOf(folder, /^package\.json$/u)) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const inReadme = /^(?:#+ *)?licen[cs]e\b.*\n[^]*/imu;
  const text =
    textOf(folder, /^licen[cs]e/iu) || (inReadme.exec(textOf(folder, /^readme/iu))?.[0] ?? "");
  return `== ${name} ${version}: ${license ?? "see below"}\n\n${text}`.trimEnd();
}

/** Text of the first file of a folder that has such a name; empty where none has. */
function textOf(folder: string, pattern: RegExp): string {
  const name = readdirSync(folder).find((one) => pattern.test(one));
  return name === undefined ? "" : readFileSync(join(folder, name), "utf8");
}

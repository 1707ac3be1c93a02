import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Root of the repository: sources and bundles lie equally far below it. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of the repository, such as one that other people's software wrote. */
export const repositoryFile = (path: string): Uint8Array => readFileSync(`${ROOT}${path}`);

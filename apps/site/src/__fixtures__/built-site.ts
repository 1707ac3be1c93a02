import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { slashes } from "../content/slashes.js";

/** Where `npm run site` puts the site, and `npm test` with it. */
export const dist: string = fileURLToPath(new URL("../../dist/", import.meta.url));

export const isBuilt: boolean = existsSync(join(dist, "index.html"));

/** Every page by its path, but the one that stands for pages that are not there. */
export const paths: readonly string[] = !isBuilt
  ? []
  : readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".html") && file !== "404.html")
      .map((file) => `/${slashes(file).replace(/(?:(?<=^|\/)index)?\.html$/u, "")}`)
      .toSorted();

/** A page as it was built. */
export function htmlOf(path: string): string {
  return readFileSync(join(dist, `${path}${path.endsWith("/") ? "index" : ""}.html`), "utf8");
}

/** Fails where nothing is built. */
export function assertBuilt(): void {
  if (!isBuilt) throw new Error("There is no built site. Build it by `npm run site`.");
}

import { readFileSync } from "node:fs";

/** Version of this package. */
export function readVersion(): string {
  // One folder up, both from the sources and from the build.
  const manifest = readFileSync(new URL("../../cli/package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

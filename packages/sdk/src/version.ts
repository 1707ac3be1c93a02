import { readFileSync } from "node:fs";

/** Version of this package, which all packages share. */
export function readVersion(): string {
  // one folder up, both from the sources and from the build
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** Bundles an entry for a browser; a module of Node.js cannot be resolved there. */
async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

describe("for a browser", () => {
  it.each([
    "index",
    "layout/index",
    "operator/index",
    "methods/index",
    "cost/index",
    "stream/index",
  ])("%s is bundled without modules of Node.js", async (entry) => {
    const code = await bundled(`export * from "./${entry}.js";`);
    expect(code).not.toMatch(/\bfrom "|\brequire\("|\bimport\(/u);
    expect(code.length).toBeGreaterThan(1000);
  });

  it("a module of Node.js is refused", async () => {
    await expect(bundled('export { readFileSync } from "node:fs";')).rejects.toThrow("node:fs");
  });
});

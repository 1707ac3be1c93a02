import type { Options } from "tsup";
import { declarationsPlugin } from "./tooling/build/src/declarations.js";
import { licencesPlugin } from "./tooling/build/src/licences-plugin.js";

/** One build for every package: ESM for Node 20, declarations beside it. Run with a package as working directory. */
const options: Options = {
  entry: ["src/index.ts"],
  format: "esm",
  target: "node20",
  tsconfig: "../../tsconfig.base.json",
  esbuildPlugins: [declarationsPlugin(), licencesPlugin()],
  clean: true,
  splitting: true,
  sourcemap: true,
  // packages bring their sources
  esbuildOptions: (esbuild) => void (esbuild.sourcesContent = false),
};

/**
 * Builds of a package whose pages run a script in a browser. The script, `src/browser/<name>.ts`, is a file of its own that imports
 * nothing: it is built apart, without what both would share.
 */
export const withBrowserScript = (name: string): Options[] => [
  // both builds run at once: this one leaves the files of the other
  { ...options, entry: { index: "src/index.ts" }, clean: ["!browser/**"] },
  {
    ...options,
    entry: { [`browser/${name}`]: `src/browser/${name}.ts` },
    esbuildPlugins: [],
    target: "es2022",
    splitting: false,
    clean: false,
    minify: true,
    sourcemap: false,
  },
];

export default options;

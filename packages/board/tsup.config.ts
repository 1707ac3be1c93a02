import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** The script of the live page is a file of its own, which the server hands out. */
const options: Options[] = [
  // both builds run at once: this one leaves the files of the other
  { ...shared, entry: { index: "src/index.ts" }, clean: ["!browser/**"] },
  {
    ...shared,
    entry: { "browser/live": "src/browser/live.ts" },
    esbuildPlugins: [],
    target: "es2022",
    splitting: false,
    clean: false,
    minify: true,
    sourcemap: false,
  },
];

export default options;

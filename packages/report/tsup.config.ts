import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** The script of pages stands in them, and so imports nothing: it is built apart, without what both share. */
const options: Options[] = [
  // both builds run at once: this one leaves the files of the other
  { ...shared, entry: { index: "src/index.ts" }, clean: ["!browser/**"] },
  {
    ...shared,
    entry: { "browser/page": "src/browser/page.ts" },
    esbuildPlugins: [],
    target: "es2022",
    splitting: false,
    clean: false,
    minify: true,
    sourcemap: false,
  },
];

export default options;

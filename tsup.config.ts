import type { Options } from "tsup";
import { declarationsPlugin } from "./tooling/build/src/declarations.js";

/** One build for every package: ESM for Node 20, declarations beside it. Run with a package as working directory. */
const options: Options = {
  entry: ["src/index.ts"],
  format: "esm",
  target: "node20",
  tsconfig: "../../tsconfig.base.json",
  esbuildPlugins: [declarationsPlugin()],
  clean: true,
  splitting: true,
  sourcemap: true,
};

export default options;

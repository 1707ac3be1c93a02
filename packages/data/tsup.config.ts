import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** Parquet is imported by a path of its own, and read by a worker that is a module of its own. */
const options: Options = {
  ...shared,
  entry: {
    index: "src/index.ts",
    parquet: "src/parquet/index.ts",
    "parquet-worker": "src/parquet/parquet-worker.ts",
  },
};

export default options;

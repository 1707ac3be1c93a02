import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** Adapters, products and protobuf are imported by paths of their own; the probe of a device is a process of its own. */
const options: Options = {
  ...shared,
  entry: {
    index: "src/index.ts",
    adapters: "src/adapters/index.ts",
    multiply: "src/multiply.ts",
    protobuf: "src/protobuf.ts",
    "probe-process": "src/adapters/probe-process.ts",
  },
};

export default options;

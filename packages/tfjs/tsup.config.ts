import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** Modules of the core that its entry leaves out are part of the build; the entry itself stays a dependency. */
const options: Options = {
  ...shared,
  noExternal: [/^@tensorflow\/tfjs-core\/dist\//u],
};

export default options;

import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/**
 * The build holds TensorFlow.js: of its packages only what is imported, once, where npm would bring six bundles of the core with
 * their maps. The platform of the core asks for modules of Node.js as CommonJS does.
 */
const options: Options = {
  ...shared,
  // of a core that others wrote; its modules are not installed
  sourcemap: false,
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  // Node.js fetches by itself
  external: ["node-fetch"],
  esbuildOptions: (esbuild) => void (esbuild.mainFields = ["module", "main"]),
};

export default options;

import { dirname, join, relative } from "node:path";
import type { Plugin } from "vite";

const EMPTY = "\0no-forward-pass";

/** Forward passes that an architecture loads when it computes; the planner reads layouts alone. */
const FORWARD = ["./model.js", "@ligo/nn"];

/** Leaves the forward passes of architecture packages, and TensorFlow.js with them, out of the page. */
export function withoutModels(root: string): Plugin {
  return {
    name: "ligo:without-models",
    enforce: "pre",
    resolveId(source, importer) {
      if (importer === undefined || !FORWARD.includes(source)) return undefined;
      return /^[\w-]+[\\/]src$/u.test(relative(join(root, "packages"), dirname(importer)))
        ? EMPTY
        : undefined;
    },
    load: (id) => (id === EMPTY ? "export {};" : undefined),
  };
}

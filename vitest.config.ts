import type { ViteUserConfig } from "vitest/config";
import { sourceBundles, sourceWorkers } from "./tooling/vitest/src/worker-plugin.js";

/** Tests run against the sources of every workspace package, so no build is needed before them. */
const config: ViteUserConfig = {
  plugins: [sourceBundles(), sourceWorkers()],
  resolve: { conditions: ["@ligo/source"] },
  ssr: { resolve: { conditions: ["@ligo/source", "node", "import", "module", "default"] } },
  test: {
    include: ["{packages,apps,tooling}/*/src/**/*.test.ts"],
    setupFiles: ["./tooling/vitest/src/setup.ts"],
    // No test asks the Hugging Face hub: a mistyped path would, as it may be the name of a model.
    // Nor does `auto` depend on the machine: what it takes elsewhere has tests of its own.
    env: { HF_HUB_OFFLINE: "1", HF_HOME: "/nonexistent", LIGO_ENGINE: "onnx" },
    testTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
};

export default config;

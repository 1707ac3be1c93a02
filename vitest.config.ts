import type { ViteUserConfig } from "vitest/config";

/** Tests run against the sources of every workspace package, so no build is needed before them. */
const config: ViteUserConfig = {
  resolve: { conditions: ["@ligo/source"] },
  ssr: { resolve: { conditions: ["@ligo/source", "node", "import", "module", "default"] } },
  test: {
    include: ["{packages,apps,tooling}/*/src/**/*.test.ts"],
    setupFiles: ["./tooling/vitest/src/setup.ts"],
    testTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
};

export default config;

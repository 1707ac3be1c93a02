const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** package.json of a package of this repository, all of whose packages are of one version. */
export function insideManifest(name: string, title: string, version: string): string {
  return json({
    name,
    version,
    keywords: ["ligo", "transformers", "machine-learning", name.replace("@ligo/", "")],
    description: `${title} for LiGO: config, layout, forward pass.`,
    license: "Apache-2.0",
    files: ["dist", "src", "!src/**/*.test.ts", "!src/**/__fixtures__"],
    type: "module",
    sideEffects: false,
    exports: {
      ".": {
        "@ligo/source": "./src/index.ts",
        types: "./dist/index.d.ts",
        default: "./dist/index.js",
      },
      "./package.json": "./package.json",
    },
    publishConfig: { access: "public" },
    scripts: { build: "tsup --config ../../tsup.config.ts", publint: "publint --strict" },
    dependencies: {
      "@ligo/core": version,
      "@ligo/nn": version,
      "@ligo/tfjs": version,
    },
    devDependencies: { "@ligo/testkit": version },
    engines: { node: ">=20" },
  });
}

/** package.json of a package outside: LiGO comes from npm, and with the user's own `ligo`. */
export function outsideManifest(name: string, title: string, version: string): string {
  const ligo = { "@ligo/core": version, "@ligo/nn": version, "@ligo/tfjs": version };
  return json({
    name,
    version: "0.1.0",
    description: `${title} for LiGO: config, layout, forward pass.`,
    license: "Apache-2.0",
    files: ["dist"],
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    scripts: { build: "tsup", test: "vitest run", types: "tsc" },
    peerDependencies: ligo,
    devDependencies: {
      ...ligo,
      "@ligo/testkit": version,
      "@types/node": "^20",
      tsup: "8.5.1",
      typescript: "6.0.3",
      vitest: "4.1.12",
    },
    engines: { node: ">=20" },
  });
}

/** What a package outside needs that this repository has at its root. */
export const OUTSIDE_CONFIGS: Readonly<Record<string, string>> = {
  "tsconfig.json": json({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023"],
      module: "ESNext",
      moduleResolution: "Bundler",
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
      // tsup's declarations still name options that TypeScript 6 gives up
      ignoreDeprecations: "6.0",
    },
    include: ["src"],
  }),
  "tsup.config.ts": `import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  target: "node20",
  dts: true,
  clean: true,
  splitting: true,
});
`,
  ".gitignore": "node_modules/\ndist/\n",
};

import type { Names, Sizes } from "./scaffold.js";

/** `conformance.test.ts`: the kit, without recordings yet. */
export function testFile({ value }: Names, { sizes, wider, widths = [] }: Sizes): string {
  const lines = [
    ...wider.map((key) => `    ${key}: double(config["${key}"]),`),
    ...widths.map((key) => `    ${key}: double(config["${key}"] ?? config["hidden_size"]),`),
  ];
  return `import { describeArchitecture } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { ${value} } from "./index.js";

const double = (value: unknown): number => 2 * Number(value);

describeArchitecture(${value}, {
  // TODO 6: record what the original saves: names, shapes and config of every class, once per version.
  headers,
  // TODO 7: record a small model of the original: config.json, model.safetensors, inputs.safetensors, expected.safetensors;
  // then \`checkpoints: [await readRecordedCheckpoint(new URL("./__fixtures__/tiny", import.meta.url))]\`.
  checkpoints: [],
  // TODO 8: the variants of names that are read.
  variants: [],
  wider: (config) => ({
${lines.join("\n")}
  }),
  deeper: (config) => ({ num_hidden_layers: double(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    ${sizes}
  },
});
`;
}

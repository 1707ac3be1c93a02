import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, type FormatConfig } from "oxfmt";
import { expect, it } from "vitest";
import { commandSettings } from "../commands.js";
import { methodFacts } from "../method.js";
import { flagsSource } from "./flags.js";
import { settingsPage } from "./pages.js";
import { typesSource } from "./types.js";

// `npm run generate` writes these files.

const root = new URL("../../../../../", import.meta.url);
const style = JSON.parse(readFileSync(new URL(".oxfmtrc.json", root), "utf8")) as FormatConfig;

it.each<[string, () => string]>([
  [
    "packages/sdk/src/settings/types.generated.ts",
    () =>
      typesSource(
        commandSettings,
        methodFacts.map(({ name }) => name),
      ),
  ],
  ["packages/cli/src/flags.generated.ts", () => flagsSource(commandSettings, methodFacts)],
  ["docs/reference/settings.md", () => settingsPage(commandSettings, methodFacts)],
])("%s is made from the settings", async (path, make) => {
  const { printWidth } = style;
  const { code, errors } = await format(
    path,
    make(),
    printWidth === undefined ? {} : { printWidth },
  );
  expect(errors).toEqual([]);
  await expect(code).toMatchFileSnapshot(fileURLToPath(new URL(path, root)));
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJSONSchema } from "@ligo/core/zod";
import { format, type FormatConfig } from "oxfmt";
import { expect, it } from "vitest";
import { learningSchema } from "../../exported/learning-schema.js";
import { commandSettings } from "../commands.js";
import { methodFacts } from "../method.js";
import { flagsSource } from "./flags.js";
import { settingsPage, withMethods } from "./pages.js";
import { typesSource } from "./types.js";

// `npm run generate` writes these files.

const root = new URL("../../../../../", import.meta.url);
const { printWidth = 100 } = JSON.parse(
  readFileSync(new URL(".oxfmtrc.json", root), "utf8"),
) as FormatConfig;

/** Settings that the command line has a command for. */
const ofCommands = commandSettings.filter(({ command }) => !["open", "resume"].includes(command));

async function formatted(path: string, text: string): Promise<string> {
  const { code, errors } = await format(path, text, { printWidth });
  expect(errors).toEqual([]);
  return code;
}

it.each<[string, (path: string) => Promise<string> | string]>([
  [
    "packages/sdk/src/settings/types.generated.ts",
    (path) => {
      const names = methodFacts.map(({ name }) => name);
      return formatted(path, typesSource(commandSettings, names));
    },
  ],
  [
    "docs/reference/settings.md",
    (path) => formatted(path, settingsPage(commandSettings, methodFacts)),
  ],
  [
    "packages/cli/README.md",
    (path) => {
      const page = readFileSync(new URL(path, root), "utf8");
      expect(page).toContain("<!-- methods");
      return formatted(path, withMethods(page, methodFacts));
    },
  ],
  [
    "docs/reference/learning.schema.json",
    (path) => formatted(path, JSON.stringify(toJSONSchema(learningSchema))),
  ],
  // one entry on a line
  ["packages/cli/src/flags/flags.generated.ts", () => flagsSource(ofCommands, methodFacts)],
])("%s is made from the settings", async (path, make) => {
  await expect(await make(path)).toMatchFileSnapshot(fileURLToPath(new URL(path, root)));
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { grow } from "../grow.js";
import { growSettings } from "../settings/grow.js";
import { readRecipeFile } from "../settings/recipe-file.js";
import { train } from "../train.js";

const SPELLED = [
  '"temperature": 2.0',
  '"seed_of_run": 12345678901234567890',
  '"penalty": Infinity',
];

it("numbers of a config stay spelled as they were, in what is grown, recorded, grown by a recipe, and trained", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const config = join(checkpoint, "config.json");
  writeFileSync(config, readFileSync(config, "utf8").replace("{", `{${SPELLED.join(", ")},`));
  const more = { engine: "reference", architectures: [bert] } as const;
  const out = (name: string): string => join(folder, name);
  const expectSpelled = (file: string): void => {
    const written = readFileSync(join(folder, file), "utf8");
    for (const spelled of SPELLED) expect(written).toContain(spelled);
  };
  const learning = {
    data: text,
    steps: 1,
    batch: 2,
    sequence: 12,
    heldOut: 40,
    cache: false,
  } as const;
  const to = { num_hidden_layers: 2 };

  const grown = await grow(checkpoint, { ...more, ...learning, to, out: out("learned") });
  expectSpelled("learned/config.json");
  expectSpelled("learned/recipe.json");

  const { settings } = await readRecipeFile(join(folder, "learned/recipe.json"), growSettings);
  await grow(checkpoint, { ...more, ...settings, to: settings.to ?? to, out: out("again") });
  expectSpelled("again/config.json");

  const deeper = { ...grown.config, num_hidden_layers: 3 };
  await grow(grown, { ...more, to: deeper, method: "stack", out: out("deeper") });
  expectSpelled("deeper/config.json");

  await train(out("deeper"), { ...more, ...learning, out: out("trained") });
  expectSpelled("trained/config.json");
});

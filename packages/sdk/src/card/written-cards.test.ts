import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { grow } from "../grow.js";
import type { LigoEvent } from "../events.js";
import { train } from "../train.js";

const common = { engine: "reference", architectures: [bert] } as const;
const to = { hidden_size: 32, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 64 };

const cardOf = (folder: string): string => readFileSync(join(folder, "README.md"), "utf8");
const headOf = (card: string): unknown => parse(card.split("---\n")[1] ?? "");

it("a card lies beside what is grown, and beside what is trained on from there", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const own = "---\nlicense: mit\nlanguage: de\nlibrary_name: other\n---\n# Small\n";
  writeFileSync(join(checkpoint, "README.md"), own);
  const [large, trained, again] = ["large", "trained", "again"].map((one) => join(folder, one)) as [
    string,
    string,
    string,
  ];
  const told: string[] = [];
  const data = { data: text, batch: 2, sequence: 12, cache: false } as const;
  const grown = await grow(checkpoint, {
    ...common,
    ...data,
    to,
    method: "stack",
    out: large,
    onEvent: (event) => {
      if (event.type === "warning" && event.code === "companions-left-out")
        told.push(...event.names);
    },
  });
  const head = {
    library_name: "transformers",
    pipeline_tag: "fill-mask",
    tags: ["ligo", "model-growth", "bert"],
    license: "mit",
    language: ["de"],
  };
  const card = cardOf(large);
  expect(headOf(card)).toEqual(head);
  expect(card).toContain("# large\n");
  expect(card).toContain(`| grown | ${grown.losses.grown?.toFixed(4)} |`);
  expect(card).toContain("| `hidden_size` | 16 | 32 |");
  expect(card).toContain("Data: `text.txt`.");
  expect(card).not.toContain(folder);
  expect(grown.files).toContain("README.md");
  // the source's own card is named as left behind, and stays what it was
  expect(told).toContain("README.md");
  expect(cardOf(checkpoint)).toBe(own);

  const settings = {
    ...common,
    ...data,
    steps: 2,
    onEvent: (event: LigoEvent) => expect(event).not.toMatchObject({ type: "warning" }),
  };
  const first = await train(large, { ...settings, out: trained });
  await train(trained, { ...settings, out: again });
  for (const [out, loss] of [
    [trained, first.heldOut.loss],
    [again, undefined],
  ] as const) {
    expect(headOf(cardOf(out))).toEqual(head);
    expect(cardOf(out)).toContain("| `hidden_size` | 16 | 32 |");
    expect(cardOf(out)).toContain("## Training\n\n2 steps of masked-lm on `text.txt`.");
    if (loss !== undefined) expect(cardOf(out)).toContain(`| trained on | ${loss.toFixed(4)} |`);
  }
});

it("a training that follows no growth writes no card", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "trained");
  const settings = { data: text, steps: 1, batch: 2, sequence: 12, cache: false, out } as const;
  const trained = await train(checkpoint, { ...common, ...settings });
  expect(trained.files).not.toContain("README.md");
});

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { dinov2 } from "@ligo/dinov2";
import { afterAll, describe, expect, it } from "vitest";
import type { ArchitectureRecipe } from "./architectures-recipe.js";
import { architecturesPage } from "./architectures-table.js";
import { runArchitecture } from "./run-architecture.js";

const folder = mkdtempSync(join(tmpdir(), "ligo-architectures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recipe: ArchitectureRecipe = {
  name: "bert",
  data: "text",
  small: {
    model_type: "bert",
    architectures: ["BertForMaskedLM"],
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 16,
  },
  large: { hidden_size: 24, num_hidden_layers: 2, num_attention_heads: 3, intermediate_size: 48 },
  training: { steps: 4, batch: 4, learningRate: 1e-3 },
  growth: { steps: 3, batch: 4 },
};

describe("growing one architecture", () => {
  it("trains, grows twice, judges all models on the same data, and makes a row of the table", async () => {
    const text = join(folder, "lines.txt");
    writeFileSync(text, "the cat sees the dog . the dog hears the bird .\n".repeat(200));
    const result = await runArchitecture({
      recipe,
      architectures: [bert],
      data: [text],
      work: join(folder, "work"),
      seed: 0,
      say: () => undefined,
    });
    expect(result).toMatchObject({
      architecture: "bert",
      class: "BertForMaskedLM",
      objective: "masked-lm",
      data: ["lines.txt"],
      growth_steps: 3,
      stacked: { verdict: "changed" },
    });
    for (const loss of Object.values(result.losses)) expect(loss).toBeGreaterThan(0);
    expect(result.large.parameters).toBeGreaterThan(result.small.parameters);

    const page = architecturesPage([result], "npm run it");
    const row = page.split("\n").find((line) => line.startsWith("| `BertForMaskedLM`"));
    const { small, stack, start, ligo } = result.losses;
    const cells = row
      ?.replaceAll("*", "")
      .split(/ *\| */)
      .slice(4, 8);
    expect(cells).toEqual([small, stack, start, ligo].map((loss) => loss.toFixed(3)));
    // the better of the two is bold
    expect(row).toContain(`**${Math.min(stack, ligo).toFixed(3)}**`);
    const losing = architecturesPage(
      [{ ...result, losses: { small, stack: 1, start, ligo: 2 } }],
      "",
    );
    expect(losing).toContain("LiGO did not get below stacking for `bert`");
    expect(losing).toContain("**1.000**");
    expect(page).toContain("Stacking: changed (encoder: 1 layers become 2");
    expect(page).toContain("```sh\nnpm run it\n```");
  });

  it("learns from images, which have no sequences", async () => {
    const picture = new URL(
      "../../../packages/images/src/__fixtures__/encoded/picture.png",
      import.meta.url,
    );
    for (const label of ["cat", "dog"]) {
      const images = join(folder, "images", label);
      mkdirSync(images, { recursive: true });
      for (let at = 0; at < 10; at += 1) {
        copyFileSync(fileURLToPath(picture), join(images, `${at}.png`));
      }
    }
    const result = await runArchitecture({
      recipe: {
        name: "dinov2",
        data: "images",
        small: {
          model_type: "dinov2",
          architectures: ["Dinov2ForImageClassification"],
          hidden_size: 8,
          num_hidden_layers: 1,
          num_attention_heads: 2,
          image_size: 8,
          patch_size: 4,
          id2label: { 0: "cat", 1: "dog" },
        },
        large: { hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4 },
        training: { steps: 2, batch: 4, learningRate: 1e-3 },
        growth: { steps: 2, batch: 4 },
      },
      architectures: [dinov2],
      data: [join(folder, "images")],
      work: join(folder, "work"),
      seed: 0,
      say: () => undefined,
    });
    expect(result).toMatchObject({ architecture: "dinov2", objective: "image-classification" });
    for (const loss of Object.values(result.losses)) expect(loss).toBeGreaterThan(0);
  });
});

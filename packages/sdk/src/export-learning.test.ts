import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { openSafetensors } from "@ligo/checkpoint";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import { learningSchema } from "./exported/learning-schema.js";
import { exportLearning, grow, type LigoEvent } from "./index.js";

const architectures = [bert];
const to = { hidden_size: 32, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 64 };
const learning = { steps: 4, batch: 4, sequence: 12, accumulate: 2, heldOut: 8 } as const;

async function source(): Promise<{ folder: string; small: string; text: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  return { folder, small: checkpoint, text };
}

const jsonIn = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, name), "utf8"));

async function readAll(file: string): Promise<Record<string, readonly number[]>> {
  const opened = await openSafetensors(file);
  const tensors: Record<string, readonly number[]> = {};
  for (const name of opened.tensors.keys()) tensors[name] = [...(await opened.read(name))];
  await opened.close();
  return tensors;
}

describe("exportLearning", () => {
  it("writes a document of its schema, and what it names", async () => {
    const { folder, small, text } = await source();
    const out = join(folder, "job");
    const written = await exportLearning(small, {
      to,
      data: text,
      ...learning,
      cache: join(folder, "cache"),
      start: "lossless-fresh",
      out,
      architectures,
    });
    const document = jsonIn(out, "learning.json") as {
      readonly tokens: { readonly file: string; readonly count: number };
      readonly learning: { readonly learning_rates: readonly number[] };
    };
    expect(learningSchema.parse(document)).toEqual(document);
    expect(readdirSync(out).toSorted()).toEqual([...written.files].toSorted());
    const { count, file } = document.tokens;
    expect(existsSync(file)).toBe(true);
    expect(count).toBeGreaterThan(100);
    // learning rates of the schedule, one a step, from starts that lose nothing a low one
    const { learning_rates: rates } = document.learning;
    expect(rates).toHaveLength(4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-4);
    await expect(
      exportLearning(small, { to, data: text, out, architectures, ...learning }),
    ).rejects.toMatchObject({ code: "output/not-empty" });
  });

  it("dumps the steps that grow takes: losses, and an operator that moves as its own", async () => {
    const { folder, small, text } = await source();
    const [out, grown] = [join(folder, "job"), join(folder, "grown")];
    const common = {
      to,
      data: text,
      ...learning,
      cache: false,
      engine: "onnx",
      architectures,
    } as const;
    await exportLearning(small, { ...common, dumpSteps: 3, out });
    const losses: number[] = [];
    const onEvent = (event: LigoEvent): void => {
      if (event.type === "step" && event.phase === "learn") losses.push(event.loss ?? Number.NaN);
    };
    await grow(small, { ...common, method: "ligo", out: grown, onEvent });
    for (const step of [1, 2, 3]) {
      const { loss, ...rest } = await readAll(join(out, "steps", `${step}.safetensors`));
      // sums of parts in another order
      expect(loss?.[0]).toBeCloseTo(losses[step - 1] ?? Number.NaN, 5);
      expect(rest["input_ids"]).toHaveLength(4 * 12);
      const labelled = rest["labels"]?.filter((label) => label !== -100) ?? [];
      expect(labelled.length).toBeGreaterThan(0);
      const gradients = Object.keys(rest).filter((name) => name.startsWith("gradient/"));
      expect(gradients.length).toBeGreaterThan(5);
      for (const name of gradients) {
        const operator = name.replace("gradient/", "operator/");
        expect(rest[operator]?.length, name).toBe(rest[name]?.length);
      }
    }
    const [first, second] = await Promise.all(
      [1, 2].map((step) => readAll(join(out, "steps", `${step}.safetensors`))),
    );
    const name = "operator/width.embed";
    expect(first?.[name]).not.toEqual(second?.[name]);
  });

  it("refuses what is not learned elsewhere", async () => {
    const { folder, small, text } = await source();
    const given = { to, data: text, out: join(folder, "job"), architectures } as const;
    const wrong = { ...given, method: "stack" } as unknown as typeof given;
    await expect(exportLearning(small, wrong)).rejects.toMatchObject({
      faults: [{ code: "settings/conflict", setting: "method" }],
    });
    expect(readdirSync(folder)).not.toContain("job");
  });
});

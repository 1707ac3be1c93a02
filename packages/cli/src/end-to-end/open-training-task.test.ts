import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { openSafetensors, writeSafetensors } from "@ligo/checkpoint";
import { describe, expect, it } from "vitest";
import { ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel } from "@ligo/vitest/tiny-model";
import type { StepMetrics } from "@ligo/sdk/runs";
import { openTrainingTask } from "@ligo/sdk/tasks";

const [BATCH, SEQUENCE, SEED] = [2, 16, 5];
const IGNORED = -100;

describe("openTrainingTask", () => {
  it("has the batches of ligo train: the first one's loss is that of the first step", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "trained");
    const sizes = ["--batch", String(BATCH), "--seed", String(SEED), "--steps", "1"];
    await ligoJson(["train", checkpoint, "--data", text, "--out", out, "--dropout", "0", ...sizes]);
    const [line = ""] = readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n");

    const task = await openTrainingTask(checkpoint, {
      data: [text],
      batch: BATCH,
      seed: SEED,
      architectures: [bert],
    });
    const batch = await task.batch(0);
    const labels = new Int32Array(BATCH * SEQUENCE).fill(IGNORED);
    (batch["label_positions"] as Int32Array).forEach((position, index) => {
      labels[position] = (batch["label_ids"] as Int32Array)[index] as number;
    });
    const [inputs, output] = [join(folder, "in.safetensors"), join(folder, "out.safetensors")];
    const shape = [BATCH, SEQUENCE];
    await writeSafetensors(inputs, [
      { name: "input_ids", shape, data: () => batch["input_ids"] as Int32Array },
      { name: "labels", shape, data: () => labels },
    ]);
    await ligoJson(["forward", checkpoint, "--inputs", inputs, "--output", output]);
    const found = await openSafetensors(output);
    const [loss] = await found.read("loss");
    await found.close();
    // all positions in one product here, labelled ones only there: sums in another order
    expect(loss).toBeCloseTo((JSON.parse(line) as StepMetrics).loss, 5);
  });
});

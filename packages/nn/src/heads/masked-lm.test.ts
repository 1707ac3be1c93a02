import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { crossEntropy64 } from "../__fixtures__/float64.js";
import { engines, evaluate, integers, normal } from "../__fixtures__/programs.js";
import { gatherRows, maskedLanguageModelling, tensorParameters } from "../index.js";

/** A "model" whose logits are a parameter: one row of 5 classes for each of 2 x 3 positions. */
const objective = maskedLanguageModelling((parameters, _batch, positions) => {
  const logits = parameters.get("logits") as tf.Tensor2D;
  return positions ? gatherRows(positions, logits) : logits;
});

const logits = normal([6, 5], 1);
const rows = Array.from({ length: 6 }, (_, i) => [...logits.data.subarray(i * 5, i * 5 + 5)]);
const best = rows.map((row) => row.indexOf(Math.max(...row)));
// Two right predictions and a wrong one; positions 0, 2 and 5 do not count.
const labels = [-100, best[1]!, -100, best[3]!, (best[4]! + 1) % 5, -100];
const wanted = crossEntropy64(rows.flat(), labels);

const everywhere = { labels: integers([2, 3], labels) };
const packed = {
  label_positions: integers([4], [1, 3, 4, 0]),
  label_ids: integers([4], [labels[1]!, labels[3]!, labels[4]!, -100]),
};

describe.each(engines)("maskedLanguageModelling on the %s engine", (_name, engine) => {
  it.each([
    ["labels of all positions", everywhere],
    ["packed labels, padded to a fixed length", packed],
  ])("with %s", async (_case, batch) => {
    const outputs = await evaluate(engine, { logits, ...batch }, ({ logits, ...tensors }) => {
      const parameters = tensorParameters({ logits: logits! });
      return {
        only: objective.loss(parameters, tensors),
        ...objective.evaluate(parameters, tensors),
      };
    });
    expect(outputs["only"]).toBeAllClose(wanted);
    expect(outputs["loss"]).toBeAllClose(wanted);
    expect(outputs["correct"]).toEqual(Float32Array.of(2));
    expect(outputs["count"]).toEqual(Float32Array.of(3));
  });

  it("counts nothing where no label counts", async () => {
    const batch = {
      labels: integers(
        [2, 3],
        labels.map(() => -100),
      ),
    };
    const outputs = await evaluate(engine, { logits, ...batch }, ({ logits, labels }) => ({
      ...objective.evaluate(tensorParameters({ logits: logits! }), { labels: labels! }),
    }));
    expect(outputs).toEqual({
      loss: Float32Array.of(0),
      correct: Float32Array.of(0),
      count: Float32Array.of(0),
    });
  });

  it("names the inputs a step must hold", () => {
    expect(objective.inputs).toEqual(["input_ids", "label_positions", "label_ids"]);
  });
});

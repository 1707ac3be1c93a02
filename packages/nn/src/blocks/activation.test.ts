import { ACTIVATION_NAMES, type ActivationName } from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import recorded from "../__fixtures__/activations.json" with { type: "json" };
import { engines, evaluateWithGradients, floats } from "../__fixtures__/programs.js";
import { activate } from "../index.js";

/** float32 against float64; the erf of TensorFlow.js has an error of 1.5e-7 of its own. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };
const POINTS = recorded.points;

describe("activations by the names of transformers", () => {
  it("are all that have no weights of their own", () => {
    expect(ACTIVATION_NAMES.toSorted()).toEqual(Object.keys(recorded.activations).toSorted());
    expect(recorded.learned).toEqual(["prelu", "xielu"]);
  });

  describe.each(engines)("on the %s engine", (_name, engine) => {
    it.each(Object.entries(recorded.activations))("%s", async (name, { slopes, values }) => {
      const actual = await evaluateWithGradients(
        engine,
        {
          x: floats([POINTS.length], POINTS),
          weights: floats(
            [POINTS.length],
            POINTS.map(() => 1),
          ),
        },
        ({ x }) => activate(x!, name as ActivationName),
      );
      expect(actual["value"]).toBeAllClose(values, TOLERANCE);
      expect(actual["gradient/x"]).toBeAllClose(slopes, TOLERANCE);
    });
  });
});

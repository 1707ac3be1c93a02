import { expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { parameterCount } from "./estimates.js";
import { modelSize } from "./model-size.js";

it("counts layers, the width of the residual stream, and parameters", () => {
  const layout = bertLayout({
    layers: 3,
    hidden: 16,
    heads: 2,
    intermediate: 40,
    vocab: 7,
    positions: 5,
  });
  expect(modelSize(layout)).toEqual({ layers: 3, width: 16, parameters: parameterCount(layout) });
});

import { describe, expect, it } from "vitest";
import { engineName } from "./parse-options.js";

describe("engineName", () => {
  it.each([
    "auto",
    "onnx",
    "onnx:cuda",
    "onnx:webgpu",
    "tensorflow",
    "tensorflow:cpu",
    "reference",
  ])("takes %s", (name) => expect(engineName(name)).toBe(name));

  it.each(["", "Onnx", "onnx:", "onnx:cuda,cpu", "tensorflow:gpu", "cuda"])("refuses %j", (name) =>
    expect(() => engineName(name)).toThrow("It must be one of auto, onnx, tensorflow"),
  );
});

import { createOnnxEngine, type Engine } from "@ligo/engine";
import { compareEngines, formatProblems, problemsOf } from "@ligo/testkit/checks";
import { describe, expect, it } from "vitest";
import { readRecordedModel, recordedNames } from "./recorded-models.js";
import { webgpu, webGpuName } from "./webgpu.js";

const onnx = createOnnxEngine();

describe.skipIf(webgpu === undefined)(`recorded models on ${webGpuName}`, () => {
  it.each(recordedNames)("%s has outputs, loss and gradients of onnx", async (name) => {
    const { architecture, recorded } = await readRecordedModel(name);
    const engines = [webgpu as Engine, onnx] as const;
    const outcome = await compareEngines(architecture, recorded, engines);
    expect(formatProblems(problemsOf(outcome))).toBe("");
  });
});

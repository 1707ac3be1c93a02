import { describe, expect, it } from "vitest";
import type { RawConfig } from "@ligo/core";
import type { Dtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import type { Checkpoint } from "./open-checkpoint.js";
import { checkNotQuantised } from "./quantised.js";

function check(config: RawConfig, tensors: Readonly<Record<string, Dtype>>): void {
  const headers = new Map(
    Object.entries(tensors).map(([name, dtype]) => [name, { dtype, shape: [1], file: "x" }]),
  );
  const checkpoint = { config, configFile: "x/config.json", folder: "x", headers };
  checkNotQuantised(checkpoint as unknown as Checkpoint);
}

describe("a quantised checkpoint", () => {
  it.each([
    [
      { quantization_config: { quant_method: "bitsandbytes", load_in_4bit: true } },
      {},
      "bitsandbytes",
    ],
    [{ quantization_config: { load_in_8bit: true } }, {}, "bitsandbytes"],
    [{ quantization_config: { quant_method: "awq", bits: 4 } }, {}, "awq"],
    [{ compression_config: { format: "pack-quantized" } }, {}, "does not name"],
    [{}, { "a.weight": "U8", "a.weight.absmax": "F32" }, "bitsandbytes"],
    [{}, { "a.weight": "I8", "a.SCB": "F32" }, "I8"],
    [{}, { "a.qweight": "I32", "a.scales": "F16" }, "GPTQ or AWQ"],
    [{}, { "a.weight_packed": "I32" }, "compressed-tensors"],
    [{}, { "a.weight": "F8_E4M3", "a.weight_scale_inv": "F32" }, "F8_E4M3"],
  ] as const)("is refused by name: %#", (config, tensors, named) => {
    expect(() => check(config, tensors)).toThrow(CheckpointError);
    expect(() => check(config, tensors)).toThrow(
      expect.objectContaining({
        code: "checkpoint/quantised",
        message: expect.stringContaining(named) as string,
      }),
    );
  });

  it.each([
    [{ quantization_config: null }, { "a.weight": "BF16" }],
    [{}, { "a.weight": "F32", "a.position_ids": "I64", "a.bias": "U8", "a.scales": "F32" }],
  ] as const)("is none: %#", (config, tensors) => {
    expect(() => check(config, tensors)).not.toThrow();
  });

  it("comes with the line that writes full precision, of a class that is a name", () => {
    const config = {
      quantization_config: { quant_method: "bitsandbytes" },
      architectures: ["x;y"],
    };
    expect(() => check(config, {})).toThrow(/import AutoModel as M; .*dequantize/u);
  });
});

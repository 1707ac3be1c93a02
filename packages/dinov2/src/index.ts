import { defineArchitecture, type Architecture } from "@ligo/core";
import { ofClass } from "@ligo/core/layout";
import type { ModelFactory } from "@ligo/nn";
import { dinov2Config, type Dinov2Config } from "./config.js";
import { dinov2Layout, type Dinov2Classes } from "./layout.js";

interface Member {
  readonly classes: Dinov2Classes;
  readonly patch: number;
  readonly registers: number;
}

function member(modelType: string, { classes, ...defaults }: Member): Architecture<Dinov2Config> {
  return defineArchitecture({
    specVersion: "v1",
    modelTypes: [modelType],
    architectures: Object.keys(classes),
    config: dinov2Config(modelType, defaults),
    functionKeys: ["hidden_act", "layer_norm_eps", "image_size", "patch_size", "use_swiglu_ffn"],
    normEpsilon: "layer_norm_eps",
    layout: (config, className) => dinov2Layout(config, className, classes),
    model: async (): Promise<ModelFactory<Dinov2Config>> => {
      const { dinov2Model } = await import("./model.js");
      return (config, className) => dinov2Model(config, ofClass(classes, className));
    },
  });
}

/** DINOv2 (Oquab et al., 2023) as Hugging Face saves it: image classifier, bare model. */
export const dinov2: Architecture<Dinov2Config> = member("dinov2", {
  classes: { Dinov2ForImageClassification: "classifier", Dinov2Model: "bare" },
  patch: 14,
  registers: 0,
});

/** DINOv2 with registers (Darcet et al., 2023). */
export const dinov2WithRegisters: Architecture<Dinov2Config> = member("dinov2_with_registers", {
  classes: {
    Dinov2WithRegistersForImageClassification: "classifier",
    Dinov2WithRegistersModel: "bare",
  },
  patch: 16,
  registers: 4,
});

export type { Dinov2Config };

import type { Architecture, StandardSchemaV1 } from "@ligo/core";
import { decoderArchitecture, decoderClasses } from "@ligo/core/layout";
import { qwen2Config, qwen3Config, type QwenConfig } from "./config.js";
import { qwenLayout } from "./layout.js";

const member = (
  modelType: string,
  prefix: string,
  config: StandardSchemaV1<unknown, QwenConfig>,
): Architecture<QwenConfig> =>
  decoderArchitecture({
    modelTypes: [modelType],
    classes: decoderClasses(prefix),
    config,
    functionKeys: ["hidden_act"],
    typed: true,
    layout: qwenLayout,
    model: async () => (await import("./model.js")).qwenModel,
  });

/** Qwen2 and 2.5 (Yang et al., 2024) as Hugging Face saves them: language model tied and untied, classifier, bare model. */
export const qwen2: Architecture<QwenConfig> = member("qwen2", "Qwen2", qwen2Config);

/** Qwen3 (Yang et al., 2025), whose heads have norms. */
export const qwen3: Architecture<QwenConfig> = member("qwen3", "Qwen3", qwen3Config);

export type { QwenConfig };

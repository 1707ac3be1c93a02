import {
  ConfigError,
  defineArchitecture,
  type Architecture,
  type RawConfig,
  type StandardSchemaV1,
} from "@ligo/core";
import { decoderArchitecture, decoderClasses, type DecoderClass } from "@ligo/core/layout";
import { gemma2Config, gemma3Config, type GemmaConfig } from "./config.js";
import { gemmaLayout } from "./layout.js";

const member = (
  modelType: string,
  classes: Readonly<Record<string, DecoderClass>>,
  config: StandardSchemaV1<unknown, GemmaConfig>,
): Architecture<GemmaConfig> =>
  decoderArchitecture({
    modelTypes: [modelType],
    classes,
    config,
    functionKeys: ["hidden_activation", "attn_logit_softcapping", "final_logit_softcapping"],
    typed: true,
    layout: gemmaLayout,
    model: async () => (await import("./model.js")).gemmaModel,
  });

/** Gemma 2 (Gemma Team, 2024) as Hugging Face saves it: language model tied and untied, classifier, bare model. */
export const gemma2: Architecture<GemmaConfig> = member(
  "gemma2",
  decoderClasses("Gemma2"),
  gemma2Config,
);

/** The text model of Gemma 3 (Gemma Team, 2025). */
export const gemma3: Architecture<GemmaConfig> = member(
  "gemma3_text",
  {
    Gemma3ForCausalLM: "causal-lm",
    Gemma3TextForSequenceClassification: "classifier",
    Gemma3TextModel: "bare",
  },
  gemma3Config,
);

const TEXT_ONLY =
  "this is Gemma 3 with images, whose text model LiGO grows alone. Take it out with\n" +
  'python -c "from transformers import Gemma3ForConditionalGeneration as G, Gemma3ForCausalLM as T; ' +
  "m = G.from_pretrained('.'); t = T(m.config.text_config); " +
  "t.model.load_state_dict(m.model.language_model.state_dict()); t.save_pretrained('text')\"\n" +
  "in the folder of the model, and grow its folder text";

/** Gemma 3 from 4B on, with images: refused with the line that takes the text model out. */
export const gemma3WithImages: Architecture = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["gemma3"],
  architectures: ["Gemma3ForConditionalGeneration"],
  config: {
    "~standard": {
      version: 1,
      vendor: "ligo",
      validate: () => ({ issues: [{ message: TEXT_ONLY, path: ["text_config"] }] }),
    },
  },
  functionKeys: [],
  layout(config: RawConfig) {
    throw new ConfigError("config/invalid", TEXT_ONLY, { actual: String(config["model_type"]) });
  },
  model: async () => {
    throw new ConfigError("config/invalid", TEXT_ONLY);
  },
});

export type { GemmaConfig };

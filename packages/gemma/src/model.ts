import { rotaryFrequencies, type DecoderClass } from "@ligo/core/layout";
import { decoder, type Model } from "@ligo/nn";
import { rotaryOf, typesOf, type GemmaConfig } from "./config.js";
import { embeddingScale, gemmaNames, scoreScale } from "./layout.js";

/** The forward pass of Gemma 2 and 3. */
export function gemmaModel(config: GemmaConfig, kind: DecoderClass): Model {
  const types = typesOf(config);
  const rotary = rotaryOf(config);
  const speeds = {
    full_attention: rotaryFrequencies(rotary.full_attention),
    sliding_attention: rotaryFrequencies(rotary.sliding_attention),
  };
  return decoder(config, kind, {
    names: gemmaNames(config),
    gainOffset: 1,
    activation: config.hidden_activation,
    types,
    rotary: (layer) => speeds[types[layer] ?? "full_attention"],
    scale: scoreScale(config),
    scoreCap: config.attn_logit_softcapping,
    logitCap: config.final_logit_softcapping,
    embeddingScale: embeddingScale(config),
  });
}

import type { Layout } from "@ligo/core";
import { decoderLayout, ofClass, type DecoderClass } from "@ligo/core/layout";
import type { LlamaConfig } from "./config.js";

/** Hugging Face classes this package reads, grows and writes, and the readout of each. */
const CLASSES: Readonly<Record<string, DecoderClass>> = {
  LlamaForCausalLM: "causal-lm",
  LlamaForSequenceClassification: "classifier",
  LlamaModel: "bare",
  MistralForCausalLM: "causal-lm",
  MistralForSequenceClassification: "classifier",
  MistralModel: "bare",
};

export const LLAMA_CLASSES: readonly string[] = Object.keys(CLASSES);

/** The readout of a class. Throws `config/unknown-class`. */
export const readoutOf = (className: string): DecoderClass => ofClass(CLASSES, className);

/** The layout of a checkpoint of Llama or Mistral. Throws `config/unknown-class`. */
export function llamaLayout(config: LlamaConfig, className: string): Layout {
  return decoderLayout(config, className, readoutOf(className));
}

import type { StandardSchemaV1 } from "../../standard-schema.js";
import { defineArchitecture, type Architecture } from "../architecture.js";
import type { DecoderConfig } from "../decoder-config.js";
import type { Layout } from "../layout.js";
import { ofClass } from "./create-layout.js";
import type { DecoderClass } from "./decoder.js";

/** A member of the family of Llama. */
export interface DecoderMember<Config extends DecoderConfig> {
  readonly modelTypes: readonly string[];
  /** Hugging Face classes by name, and the readout of each. */
  readonly classes: Readonly<Record<string, DecoderClass>>;
  readonly config: StandardSchemaV1<unknown, Config>;
  /** Keys that change the function, beyond those of the family: the activation's. */
  readonly functionKeys: readonly string[];
  /** Whether layers are of several types, listed in `layer_types`. Default false. */
  readonly typed?: boolean;
  readonly layout: (config: Config, className: string, kind: DecoderClass) => Layout;
  /** Forward pass of a readout, by `decoder` of `@ligo/nn`. */
  readonly model: () => Promise<(config: Config, kind: DecoderClass) => unknown>;
}

/** The architecture of a member of the family of Llama. */
export function decoderArchitecture<Config extends DecoderConfig>({
  classes,
  config,
  functionKeys,
  layout,
  model,
  modelTypes,
  typed = false,
}: DecoderMember<Config>): Architecture<Config> {
  return defineArchitecture({
    specVersion: "v1",
    modelTypes,
    architectures: Object.keys(classes),
    config,
    // rotary embeddings and types of layers show in the layout
    functionKeys: [
      ...functionKeys,
      "rms_norm_eps",
      "sliding_window",
      "tie_word_embeddings",
      // the classifier reads the last token before the padding
      "pad_token_id",
    ],
    follows: { num_key_value_heads: "num_attention_heads" },
    ...(typed ? { perLayer: { layer_types: "num_hidden_layers" } } : {}),
    normEpsilon: "rms_norm_eps",
    layout: (own, className) => layout(own, className, ofClass(classes, className)),
    async model() {
      const forward = await model();
      return (own: Config, className: string) => forward(own, ofClass(classes, className));
    },
  });
}

/** The classes that Hugging Face gives each member, by the start of their names: `LlamaForCausalLM`, ... */
export function decoderClasses(prefix: string): Readonly<Record<string, DecoderClass>> {
  return {
    [`${prefix}ForCausalLM`]: "causal-lm",
    [`${prefix}ForSequenceClassification`]: "classifier",
    [`${prefix}Model`]: "bare",
  };
}

import type { DecoderClass, LabelFields } from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { causalMask, paddingMask } from "../blocks/attention.js";
import { gatherRows } from "../blocks/embedding.js";
import { project } from "../blocks/named-layers.js";
import { causalLanguageModelling } from "../heads/causal-lm.js";
import { textClassifier } from "../heads/labelled-text.js";
import { lastTokens } from "../inputs/last-tokens.js";
import { tokenInputs, tokenLabels, type TokenInputSizes } from "../inputs/model-inputs.js";
import { inputIds, perToken } from "../inputs/text-inputs.js";
import type { Batch, Model } from "../model.js";
import type { Parameters } from "../parameters.js";

/** Parts of a decoder that its classes are made of. N = batch * sequence. */
export interface CausalDecoderParts {
  /** Input of the first layer, then the output of every layer, each [N, n]. */
  readonly states: (p: Parameters, batch: Batch) => readonly tf.Tensor2D[];
  /** The norm after the last layer, [N, n] to the same. */
  readonly finish: (p: Parameters, x: tf.Tensor2D) => tf.Tensor2D;
  /** Logits of the language model: [N, n] to [N, vocabulary]. */
  readonly readout: (p: Parameters, x: tf.Tensor2D) => tf.Tensor2D;
  /** The readout of a classifier. */
  readonly classHead: string;
  readonly sizes: TokenInputSizes;
  /** Id of padding: a classifier reads the last token before it. */
  readonly padding: number | null | undefined;
}

/**
 * A class of a decoder: a language model with `logits` [batch, sequence, vocabulary], a classifier of texts with `logits` [batch,
 * labels] of the last token before the padding, or the bare model with `last_hidden_state` [batch, sequence, n].
 */
export function causalDecoder(
  kind: DecoderClass,
  config: LabelFields,
  { classHead, finish, padding, readout, sizes, states }: CausalDecoderParts,
): Model {
  const decode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    finish(p, states(p, batch).at(-1) as tf.Tensor2D);
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: 0 },
    hiddenStates: (p, batch) => ({ decoder: states(p, batch) }),
  };
  switch (kind) {
    case "causal-lm": {
      const predict = (p: Parameters, batch: Batch): tf.Tensor2D => readout(p, decode(p, batch));
      return {
        ...common,
        inputs: { ...common.inputs, ...tokenLabels(sizes) },
        forward: (p, batch) => ({ logits: perToken(predict(p, batch), batch) }),
        objectives: { "causal-lm": causalLanguageModelling(predict) },
      };
    }
    case "classifier": {
      const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
        const last = lastTokens(inputIds(batch), padding ?? undefined);
        return project(p, classHead, gatherRows(last, decode(p, batch)));
      };
      return {
        ...common,
        ...textClassifier(config, common.inputs, classify),
        forward: (p, batch) => ({ logits: classify(p, batch) }),
      };
    }
    case "bare":
      return {
        ...common,
        outputSpaces: { last_hidden_state: "embed" },
        forward: (p, batch) => ({ last_hidden_state: perToken(decode(p, batch), batch) }),
        objectives: {},
      };
  }
}

/**
 * An additive mask that hides from every token those after it, those out of its `window`, and padding: [1 or batch, 1, sequence,
 * sequence].
 */
export function decoderMask(batch: Batch, window?: number): tf.Tensor4D {
  const causal = causalMask(inputIds(batch).shape[1], window);
  const seen = batch["attention_mask"] as tf.Tensor2D | undefined;
  return seen ? causal.add<tf.Tensor4D>(paddingMask(seen)) : causal;
}

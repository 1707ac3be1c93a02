import { ofClass } from "@ligo/core/layout";
import { firstTokens, perToken, project, textEncoder, type Model } from "@ligo/nn";
import type { BertConfig } from "./config.js";
import { bertNames } from "./layout.js";

/** The forward pass of BERT. */
export function bertModel(config: BertConfig, className: string): Model {
  const bert = textEncoder(config, bertNames);
  const models: Readonly<Record<string, () => Model>> = {
    BertForMaskedLM: bert.maskedLm,
    BertForPreTraining: () => ({
      ...bert.maskedLm(),
      forward(p, batch) {
        const hidden = bert.encode(p, batch);
        const pooled = bert.pool(p, bertNames.pooler, firstTokens(hidden, batch));
        return {
          prediction_logits: perToken(bert.predict(p, hidden), batch),
          seq_relationship_logits: project(p, "cls.seq_relationship", pooled),
        };
      },
    }),
    BertForQuestionAnswering: bert.questionAnswering,
    BertForSequenceClassification: () =>
      bert.classifier((p, first) =>
        project(p, "classifier", bert.headDropout(p, bert.pool(p, bertNames.pooler, first))),
      ),
    BertModel: bert.bare,
  };
  return ofClass(models, className)();
}

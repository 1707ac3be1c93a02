import { ofClass } from "@ligo/core/layout";
import { project, textEncoder, type Model } from "@ligo/nn";
import { FIRST_POSITION, type RobertaConfig } from "./config.js";
import { classifier, robertaNames } from "./layout.js";

/** The forward pass of RoBERTa. */
export function robertaModel(config: RobertaConfig, className: string): Model {
  const roberta = textEncoder(config, robertaNames, {
    firstPosition: FIRST_POSITION,
    // whatever the layers' is
    headActivation: "gelu",
  });
  const models: Readonly<Record<string, () => Model>> = {
    RobertaForMaskedLM: roberta.maskedLm,
    RobertaForQuestionAnswering: roberta.questionAnswering,
    RobertaForSequenceClassification: () =>
      roberta.classifier((p, first) => {
        const pooled = roberta.pool(p, classifier.pooled, roberta.headDropout(p, first));
        return project(p, classifier.labels, roberta.headDropout(p, pooled));
      }),
    RobertaModel: roberta.bare,
  };
  return ofClass(models, className)();
}

import type { StandardSchemaV1 } from "@ligo/core";
import { textEncoderConfig, type TextEncoderConfig } from "@ligo/core/layout";

/** Keys of a BERT `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export type BertConfig = TextEncoderConfig;

/** The schema of a BERT `config.json`. */
export const bertConfig: StandardSchemaV1<unknown, BertConfig> = textEncoderConfig("bert", {
  name: "BERT",
  vocabulary: 30522,
});

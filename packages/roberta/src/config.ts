import type { StandardSchemaV1 } from "@ligo/core";
import { textEncoderConfig, type TextEncoderConfig } from "@ligo/core/layout";

/** Keys of a RoBERTa `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export type RobertaConfig = TextEncoderConfig;

/** Row of the position table that the first token has: `pad_token_id` + 1. */
export const FIRST_POSITION = "after-padding";

/** The schema of a RoBERTa `config.json`. */
export const robertaConfig: StandardSchemaV1<unknown, RobertaConfig> = textEncoderConfig(
  "roberta",
  { name: "RoBERTa", vocabulary: 50265, firstPosition: FIRST_POSITION },
);

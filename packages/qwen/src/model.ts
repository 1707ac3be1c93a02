import type { DecoderClass } from "@ligo/core/layout";
import { decoder, type Model } from "@ligo/nn";
import { typesOf, type QwenConfig } from "./config.js";
import { qwenNames } from "./layout.js";

/** The forward pass of Qwen2 and Qwen3. */
export function qwenModel(config: QwenConfig, kind: DecoderClass): Model {
  return decoder(config, kind, { names: qwenNames(config), types: typesOf(config) });
}

import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import type { Architecture } from "@ligo/core";
import { deit } from "@ligo/deit";
import { dinov2, dinov2WithRegisters } from "@ligo/dinov2";
import { gemma2, gemma3, gemma3WithImages } from "@ligo/gemma";
import { gptNeoX } from "@ligo/gpt-neox";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { qwen2, qwen3 } from "@ligo/qwen";
import { roberta } from "@ligo/roberta";
import { vit } from "@ligo/vit";

/** Every architecture of this project. */
export const architectures: readonly Architecture[] = [
  bert,
  cait,
  deit,
  dinov2,
  dinov2WithRegisters,
  gemma2,
  gemma3,
  gemma3WithImages,
  gptNeoX,
  gpt2,
  llama,
  modernBert,
  qwen2,
  qwen3,
  roberta,
  vit,
];

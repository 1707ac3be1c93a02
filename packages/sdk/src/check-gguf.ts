import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RawConfig } from "@ligo/core";
import { inContext, type Handles } from "./context.js";
import { openModel } from "./models/open-model.js";

/** Whether llama.cpp's converter can make a GGUF file of a model. */
export interface GgufReport {
  readonly className: string;
  /** Whether nothing is known to stand in the way. */
  readonly converts: boolean;
  /** Everything that stands in the way, with what helps. */
  readonly faults: readonly string[];
}

/** Needs of the converter for one class. */
interface Needs {
  /** Keys that it reads from config.json, where transformers may leave them out. */
  readonly keys: readonly string[];
  /** Files of which it takes the first that is there for the vocabulary. */
  readonly tokenizer: readonly string[];
  /** Further faults of a config. */
  readonly faults?: (config: RawConfig) => readonly string[];
}

const JSON_TOKENIZER = ["tokenizer.json"];
const EITHER_TOKENIZER = ["tokenizer.model", "tokenizer.json"];
const DECODER = [
  "max_position_embeddings",
  "hidden_size",
  "intermediate_size",
  "num_attention_heads",
];

const decoder: Needs = { keys: [...DECODER, "rms_norm_eps"], tokenizer: EITHER_TOKENIZER };
const bert: Needs = {
  keys: ["hidden_size", "num_attention_heads"],
  tokenizer: ["vocab.txt", ...JSON_TOKENIZER],
};
const roberta: Needs = {
  keys: ["pad_token_id", "max_position_embeddings"],
  tokenizer: EITHER_TOKENIZER,
};
const modernbert: Needs = { keys: ["local_attention"], tokenizer: JSON_TOKENIZER };

/** Classes of this project's architectures that the converter (convert_hf_to_gguf.py, 2026) takes. */
const CLASSES: Readonly<Record<string, Needs>> = {
  BertModel: bert,
  BertForMaskedLM: bert,
  BertForSequenceClassification: bert,
  RobertaModel: roberta,
  RobertaForSequenceClassification: roberta,
  ModernBertModel: modernbert,
  ModernBertForMaskedLM: modernbert,
  ModernBertForSequenceClassification: modernbert,
  GPT2LMHeadModel: {
    keys: ["n_ctx", "n_embd", "n_head", "layer_norm_epsilon"],
    tokenizer: JSON_TOKENIZER,
    faults: fourfold,
  },
  GPTNeoXForCausalLM: {
    keys: [...DECODER, "rotary_pct", "layer_norm_eps"],
    tokenizer: JSON_TOKENIZER,
  },
  LlamaForCausalLM: decoder,
  MistralForCausalLM: decoder,
  Qwen2ForCausalLM: decoder,
  Qwen3ForCausalLM: decoder,
  Gemma2ForCausalLM: {
    ...decoder,
    keys: [...decoder.keys, "head_dim"],
    tokenizer: ["tokenizer.model"],
  },
  Gemma3ForCausalLM: decoder,
};

/** The converter writes a width of 4 n_embd for the MLPs of every GPT-2, whatever its config says. */
function fourfold({ n_embd: width, n_inner: inner }: RawConfig): readonly string[] {
  if (typeof width !== "number" || inner === null || inner === undefined) return [];
  if (inner === 4 * width) return [];
  return [
    `n_inner is ${JSON.stringify(inner)}, and llama.cpp takes 4 times n_embd, ${4 * width}: grow to that.`,
  ];
}

/**
 * Whether llama.cpp's converter can take a model: its class, the names and shapes of its tensors, the keys of its config and its
 * tokenizer's files; from headers alone. It cannot tell whether llama.cpp knows a tokenizer that was trained anew. Throws what
 * opening a model throws, for tensors of other names or shapes.
 */
export async function checkGguf(from: string, handles: Handles = {}): Promise<GgufReport> {
  return inContext(handles, async ({ architectures, signal, downloads }) => {
    const model = await openModel(from, { architectures, signal, downloads, headersOnly: true });
    try {
      const { className, raw } = model.spec;
      const folder = model.hub === undefined ? model.checkpoint.folder : undefined;
      const faults = ggufFaults(className, raw, folder);
      return { className, converts: faults.length === 0, faults };
    } finally {
      await model.close();
    }
  });
}

/** Everything about a class, its config and its folder that stands in the way of the converter. */
export function ggufFaults(
  className: string,
  config: RawConfig,
  folder: string | undefined,
): readonly string[] {
  const needs = Object.hasOwn(CLASSES, className) ? CLASSES[className] : undefined;
  if (needs === undefined) return [`llama.cpp converts no ${className}.${insteadOf(className)}`];
  const missing = needs.keys.filter((key) => config[key] === undefined || config[key] === null);
  const [first, ...others] = needs.tokenizer;
  const hasTokenizer =
    folder === undefined || needs.tokenizer.some((name) => existsSync(join(folder, name)));
  return [
    ...missing.map((key) => `config.json has no ${key}: put it there.`),
    ...(needs.faults?.(config) ?? []),
    ...(hasTokenizer
      ? []
      : [
          `The folder has no ${[first, ...others].join(" or ")}: put the tokenizer beside the weights.`,
        ]),
  ];
}

/** A class of the same architecture that is converted, in a sentence. */
function insteadOf(className: string): string {
  const family = /^[A-Z][A-Za-z\d]*?(?=For[A-Z]|Model$|LMHeadModel$)/u.exec(className)?.[0];
  const same = Object.keys(CLASSES).filter(
    (name) => family !== undefined && name.startsWith(family),
  );
  return same.length === 0 ? "" : ` Of this architecture it takes ${same.join(", ")}.`;
}

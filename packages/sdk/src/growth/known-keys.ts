/** Keys of any `config.json` of transformers that describe a checkpoint, its use or its labels, and change no weight. */
export const GENERAL_KEYS: readonly string[] = [
  ..."architectures auto_map dtype model_type name_or_path tokenizer_class torch_dtype transformers_version".split(
    " ",
  ),
  ..."_name_or_path _attn_implementation attn_implementation chunk_size_feed_forward".split(" "),
  ..."cross_attention_hidden_size finetuning_task gradient_checkpointing id2label is_encoder_decoder".split(
    " ",
  ),
  ..."label2id num_labels output_attentions output_hidden_states prefix problem_type pruned_heads".split(
    " ",
  ),
  ..."return_dict task_specific_params tf_legacy_loss tie_encoder_decoder torchscript use_bfloat16 use_cache".split(
    " ",
  ),
  ..."bos_token_id decoder_start_token_id eos_token_id pad_token_id sep_token_id".split(" "),
  // how text is generated, which old configs hold
  ..."bad_words_ids begin_suppress_tokens diversity_penalty do_sample early_stopping".split(" "),
  ..."encoder_no_repeat_ngram_size exponential_decay_length_penalty forced_bos_token_id".split(" "),
  ..."forced_eos_token_id length_penalty max_length min_length no_repeat_ngram_size num_beam_groups".split(
    " ",
  ),
  ..."num_beams num_return_sequences output_scores remove_invalid_values repetition_penalty".split(
    " ",
  ),
  ..."return_dict_in_generate suppress_tokens temperature top_k top_p typical_p".split(" "),
];

/** Names that families give to the same size. */
const SYNONYMS: readonly (readonly string[])[] = [
  ["num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth", "encoder_layers"],
  ["hidden_size", "n_embd", "embed_dim", "d_model", "dim", "width"],
  ["num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"],
  ["intermediate_size", "n_inner", "ffn_dim", "d_ff", "hidden_dim", "encoder_ffn_dim"],
  ["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_seq_length"],
  ["hidden_act", "activation_function", "activation", "hidden_activation"],
  ["layer_norm_eps", "layer_norm_epsilon", "rms_norm_eps", "norm_eps"],
  ["image_size", "img_size"],
  ["num_channels", "in_chans"],
];

/** The name, among those that are known, of the same thing in another family's config. */
export function synonymOf(key: string, known: ReadonlySet<string>): string | undefined {
  return SYNONYMS.find((names) => names.includes(key))?.find((name) => known.has(name));
}

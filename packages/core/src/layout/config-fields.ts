import type { RawConfig } from "./architecture.js";

/** Activations by the names a `config.json` gives them: all that transformers knows but those that are learned (`prelu`, `xielu`). */
export const ACTIVATION_NAMES = [
  "gelu",
  "gelu_new",
  "gelu_pytorch_tanh",
  "gelu_python_tanh",
  "gelu_fast",
  "gelu_accurate",
  "gelu_python",
  "gelu_10",
  "quick_gelu",
  "hardswish",
  "laplace",
  "leaky_relu",
  "linear",
  "mish",
  "relu",
  "relu2",
  "relu6",
  "sigmoid",
  "silu",
  "sqrtsoftplus",
  "swish",
  "tanh",
] as const;

/** An activation of {@link ACTIVATION_NAMES}. */
export type ActivationName = (typeof ACTIVATION_NAMES)[number];

/** Keys of a `config.json` about a classifier's labels. */
export interface LabelFields {
  readonly id2label?: Readonly<Record<string, string>> | null | undefined;
  readonly num_labels?: number | null | undefined;
  readonly problem_type?: unknown;
}

/** Keys that the `config.json` of Hugging Face's encoders have in common, of texts and images alike. */
export interface EncoderConfig extends RawConfig, LabelFields {
  readonly model_type: string;
  readonly architectures?: readonly string[] | null | undefined;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: ActivationName;
  readonly hidden_dropout_prob: number;
  readonly attention_probs_dropout_prob: number;
  readonly layer_norm_eps: number;
  readonly initializer_range: number;
}

/** Number of classes of a classifier: `id2label`, else `num_labels`, else Hugging Face's default 2. */
export function labelCount(config: LabelFields): number {
  return config.id2label ? Object.keys(config.id2label).length : (config.num_labels ?? 2);
}

/** Whether a classifier gives each sample one label of several (not a number, not several labels at once). */
export function isSingleLabel(config: LabelFields): boolean {
  const { problem_type: kind = "single_label_classification" } = config;
  return labelCount(config) > 1 && (kind === null || kind === "single_label_classification");
}

/** Whether a model gives each sample a number: one label, unless its config asks for something else. */
export function isRegression(config: LabelFields): boolean {
  const { problem_type: kind = "regression" } = config;
  return labelCount(config) === 1 && (kind === null || kind === "regression");
}

/** Collector of the issues of a config, as zod's `superRefine` hands it to a check. */
export interface IssueCollector {
  addIssue(issue: {
    readonly code: "custom";
    readonly message: string;
    readonly path: PropertyKey[];
  }): void;
}

/** A check of a config schema, for zod's `superRefine`: a width must be a whole number of heads. */
export function headsDivide<Width extends string, Heads extends string>(
  width: Width,
  heads: Heads,
): (config: Readonly<Record<Width | Heads, number>>, context: IssueCollector) => void {
  return (config, context) => {
    if (config[width] % config[heads] === 0) return;
    context.addIssue({
      code: "custom",
      message: `${width} ${config[width]} is not a multiple of ${heads} ${config[heads]}`,
      path: [heads],
    });
  };
}

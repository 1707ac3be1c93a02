import type { Parameter, Stack } from "../layout.js";
import { axis, conv1dLayer, inStack, linearLayer, normLayer } from "./parameters.js";

/** How the weights of linear layers are stored: `nn.Linear` [out, in], or the `Conv1D` of GPT-2 [in, out]. */
export type WeightStorage = "out-in" | "in-out";

/**
 * The names of a transformer layer's parts, `{i}` for the layer and without `.weight` and `.bias`. One table serves the
 * layout and the forward pass.
 */
export interface TransformerLayerNames {
  /** The linear layers that make queries, keys and values: three of them, or one whose outputs stand behind each other. */
  readonly queryKeyValue: readonly [query: string, key: string, value: string] | readonly [string];
  /** The linear layer that brings the heads' values back to the embedding space. */
  readonly attentionOutput: string;
  /** Norm before attention (pre-norm), or after its residual sum (post-norm). */
  readonly attentionNorm: string;
  /** First linear layer of the MLP. */
  readonly mlpInput: string;
  /** Second linear layer of the MLP. */
  readonly mlpOutput: string;
  /** Norm before the MLP (pre-norm), or after its residual sum (post-norm). */
  readonly mlpNorm: string;
}

/** Options of {@link transformerLayer}. */
export interface TransformerLayerOptions {
  /** The stack whose layers `{i}` counts. */
  readonly stack: string;
  readonly norm: Stack["norm"];
  /** Default `out-in`. */
  readonly storage?: WeightStorage;
  /** The space that the output layer of attention reads. Default `value`; `context` where heads share values. */
  readonly context?: string;
  /** Whether queries, keys and values have a bias. Default true. */
  readonly queryKeyValueBias?: boolean;
}

/**
 * The parameters of a transformer layer in the spaces `embed`, `query`, `key`, `value` and `mlp`: attention of several
 * heads, an MLP of one hidden layer, two norms.
 */
export function transformerLayer(
  names: TransformerLayerNames,
  options: TransformerLayerOptions,
): readonly Parameter[] {
  const { context = "value", stack, storage = "out-in", queryKeyValueBias = true } = options;
  const layer = storage === "out-in" ? linearLayer : conv1dLayer;
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const spaces = ["query", "key", "value"];
  const outputs = names.queryKeyValue.length === 1 ? [spaces] : spaces;
  const attention = [
    ...names.queryKeyValue.flatMap((name, index) =>
      layer(name, axis(outputs[index] ?? spaces, "out"), read, { bias: queryKeyValueBias }),
    ),
    ...layer(names.attentionOutput, write, axis(context, "in")),
  ];
  const mlp = [
    ...layer(names.mlpInput, axis("mlp", "out"), read),
    ...layer(names.mlpOutput, write, axis("mlp", "in")),
  ];
  const [attentionNorm, mlpNorm] = [
    normLayer(names.attentionNorm, "embed"),
    normLayer(names.mlpNorm, "embed"),
  ];
  return inStack(
    stack,
    options.norm === "pre"
      ? [...attentionNorm, ...attention, ...mlpNorm, ...mlp]
      : [...attention, ...attentionNorm, ...mlp, ...mlpNorm],
  );
}

// An architecture of one's own: a model of residual MLPs that predicts a token from the one before it. A config, a layout
// and a forward pass are all there is to write; growing, training and checking follow from them.
//   node examples/own-architecture.ts
import { defineArchitecture, type Layout } from "@ligo/core";
import {
  axis,
  createLayout,
  embeddingTable,
  inStack,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  parameter,
  tokenSpace,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";
import {
  activate,
  causalLanguageModelling,
  dense,
  embedding,
  inputIds,
  normalise,
  perToken,
  project,
  tokenInputs,
  tokenLabels,
  type Batch,
  type Model,
  type Parameters,
} from "@ligo/nn";
import { grow, train, verify } from "@ligo/sdk";
import { toyData } from "./toy.ts";

const size = z.number().int().positive();
const config = z.looseObject({
  model_type: z.literal("residual-mlp"),
  vocab_size: size,
  max_positions: size,
  hidden_size: size,
  mlp_size: size,
  num_layers: size,
});
type Config = z.infer<typeof config>;

const TABLE = "model.embeddings.weight";

/** Every parameter by the name that it has on disk, and what each of its axes does. */
const layout = (
  { hidden_size, mlp_size, num_layers, vocab_size }: Config,
  className: string,
): Layout =>
  createLayout({
    architecture: "residual-mlp",
    className,
    spaces: {
      embed: modelSpace(hidden_size),
      mlp: layerSpace(mlp_size),
      vocab: tokenSpace(vocab_size),
    },
    stacks: { layers: { layers: num_layers, norm: "pre" } },
    parameters: [
      embeddingTable(TABLE, "vocab"),
      ...inStack("layers", [
        ...normLayer("model.layers.{i}.norm", "embed"),
        ...linearLayer("model.layers.{i}.up", axis("mlp", "out"), axis("embed", "in")),
        ...linearLayer("model.layers.{i}.down", axis("embed", "out"), axis("mlp", "in")),
      ]),
      ...normLayer("model.norm", "embed", { readout: true }),
      parameter("head.weight", [axis("vocab", "fixed"), axis("embed", "in")], { tiedTo: TABLE }),
    ],
  });

/** The forward pass. It asks for parameters by name, so the same code runs the small, the large and the growing model. */
function model({ max_positions, num_layers, vocab_size }: Config): Model {
  const states = (p: Parameters, batch: Batch) => {
    let x = embedding(inputIds(batch).flatten(), p.get(TABLE));
    for (let layer = 0; layer < num_layers; layer++) {
      const name = `model.layers.${layer}`;
      const inner = project(p, `${name}.up`, normalise(p, `${name}.norm`, x, 1e-5));
      x = x.add(project(p, `${name}.down`, activate(inner, "gelu")));
    }
    return x;
  };
  const logits = (p: Parameters, batch: Batch) =>
    dense(normalise(p, "model.norm", states(p, batch), 1e-5), p.get(TABLE));
  const sizes = { vocabulary: vocab_size, positions: max_positions };
  const { attention_mask: _unread, ...inputs } = tokenInputs(sizes);
  return {
    inputs: { ...inputs, ...tokenLabels(sizes) },
    forward: (p, batch) => ({ logits: perToken(logits(p, batch), batch) }),
    objectives: { "causal-lm": causalLanguageModelling(logits) },
  };
}

const residualMlp = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["residual-mlp"],
  architectures: ["ResidualMlpForCausalLM"],
  config,
  functionKeys: [],
  layout,
  model: () => Promise.resolve(model),
});

const { data, tokenizer, vocabulary } = await toyData();
const settings = { data, tokenizer, batch: 8, sequence: 16, architectures: [residualMlp] };
const sizes = {
  vocab_size: vocabulary,
  max_positions: 32,
  hidden_size: 16,
  mlp_size: 24,
  num_layers: 2,
};
const small = await train(
  { config: { model_type: "residual-mlp", ...sizes } },
  { ...settings, steps: 30, learningRate: 1e-2 },
);
const to = { hidden_size: 32, mlp_size: 48, num_layers: 3 };
const grown = await grow(small, { to, method: "lemon", architectures: [residualMlp] });
const { maxDifference, verdict } = await verify(small, grown, { architectures: [residualMlp] });
console.log(`function ${verdict}, outputs differ by ${maxDifference.toExponential(0)} at most`);

const trained = await train(grown, { ...settings, steps: 30, learningRate: 1e-3 });
console.log(`${trained.parameters} parameters, loss ${trained.loss.toFixed(3)}`);

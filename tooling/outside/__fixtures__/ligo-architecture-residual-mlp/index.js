import { defineArchitecture } from "@ligo/core";
import {
  axis,
  createLayout,
  embeddingTable,
  fixedSpace,
  inStack,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  parameter,
} from "@ligo/core/layout";
import { z } from "zod";

const size = z.number().int().positive();

const config = z.looseObject({
  model_type: z.literal("residual-mlp"),
  vocab_size: size,
  hidden_size: size,
  mlp_size: size,
  num_layers: size,
  max_positions: size,
});

const EMBEDDINGS = "model.embeddings.weight";

function layout(checked, className) {
  return createLayout({
    architecture: "residual-mlp",
    className,
    spaces: {
      embed: modelSpace(checked.hidden_size),
      mlp: layerSpace(checked.mlp_size),
      vocab: fixedSpace(checked.vocab_size),
    },
    stacks: { layers: { layers: checked.num_layers, norm: "pre" } },
    parameters: [
      embeddingTable(EMBEDDINGS, "vocab"),
      ...inStack("layers", [
        ...normLayer("model.layers.{i}.norm", "embed"),
        ...linearLayer("model.layers.{i}.up", axis("mlp", "out"), axis("embed", "in")),
        ...linearLayer("model.layers.{i}.down", axis("embed", "out"), axis("mlp", "in")),
      ]),
      ...normLayer("model.norm", "embed", { readout: true }),
      parameter("head.weight", [axis("vocab", "fixed"), axis("embed", "in")], {
        tiedTo: EMBEDDINGS,
      }),
    ],
  });
}

/** Predicts the next token from the current one alone, through residual MLPs: small, but all of an architecture. */
export const residualMlp = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["residual-mlp"],
  architectures: ["ResidualMlpForCausalLM"],
  config,
  // sizes are all there is: activation and epsilon are constants
  functionKeys: [],
  layout,
  model: async () => (await import("./model.js")).residualMlpModel,
});

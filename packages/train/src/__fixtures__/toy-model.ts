import type { Layout, Parameter } from "@ligo/core";
import type { Numbers, TensorSpecs } from "@ligo/engine";
import {
  asTensor,
  dense,
  dropout,
  embedding,
  gatherRows,
  layerNorm,
  maskedLanguageModelling,
  type Objective,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";

export interface ToySizes {
  readonly embed: number;
  readonly mlp: number;
  readonly layers: number;
  /** Whether the head reads the embedding table. */
  readonly tied: boolean;
}

export const VOCABULARY = 7;

/** A residual network of small MLPs over embeddings, with a head and a parameter that the loss never uses. */
export function toyLayout({ embed, mlp, layers, tied }: ToySizes): Layout {
  const axis = (space: string, role: "out" | "in" | "elem" | "fixed") => ({ space, role });
  const weight = { initial: "normal", decay: true } as const;
  const readout = tied ? { readout: true as const } : {};
  const parameters: Parameter[] = [
    { name: "table", axes: [axis("vocab", "fixed"), axis("embed", "out")], ...weight },
    { name: "layer.{i}.up", stack: "net", axes: [axis("mlp", "out"), axis("embed", "in")], ...weight },
    { name: "layer.{i}.bias", stack: "net", axes: [axis("mlp", "out")], initial: "zeros", decay: false },
    { name: "layer.{i}.down", stack: "net", axes: [axis("embed", "out"), axis("mlp", "in")], ...weight },
    { name: "norm.gain", axes: [axis("embed", "elem")], initial: "ones", norm: "centred", decay: false, ...readout },
    { name: "norm.bias", axes: [axis("embed", "elem")], initial: "zeros", decay: false, ...readout },
    {
      name: "head",
      axes: [axis("vocab", "fixed"), axis("embed", "in")],
      ...weight,
      ...(tied ? { tiedTo: "table" } : {}),
    },
    { name: "unused", axes: [axis("vocab", "fixed"), axis("embed", "in")], ...weight },
  ];
  return {
    architecture: "toy",
    className: "Toy",
    spaces: {
      embed: { size: embed, grows: true, scope: "model" },
      mlp: { size: mlp, grows: true, scope: "layer" },
      vocab: { size: VOCABULARY, grows: false, scope: "model" },
    },
    stacks: { net: { layers, norm: "post" } },
    parameters,
    renames: [],
    drops: [],
  };
}

/** Epsilon of the norm: large, so that differences of nearby losses are close to slopes. */
const SMOOTH = 0.1;

/** Predicts the labels of single tokens. */
export function toyObjective({ layers, tied }: ToySizes): Objective {
  return maskedLanguageModelling((p, batch, positions) => {
    let x = embedding((batch["input_ids"] as tf.Tensor2D).flatten(), p.get("table"));
    for (let i = 0; i < layers; i++) {
      const inner = dense(x, p.get(`layer.${i}.up`), p.get(`layer.${i}.bias`)).tanh<tf.Tensor2D>();
      x = x.add(dropout(p, dense(inner, p.get(`layer.${i}.down`)), 0.3));
    }
    const [gain, bias] = [p.get("norm.gain"), p.get("norm.bias")].map(asTensor<tf.Tensor1D>);
    const normal = layerNorm(x, gain as tf.Tensor1D, bias as tf.Tensor1D, SMOOTH);
    return dense(positions ? gatherRows(positions, normal) : normal, p.get(tied ? "table" : "head"));
  });
}

export const toyBatch: TensorSpecs = {
  input_ids: { shape: [2, 4], dtype: "int32" },
  labels: { shape: [2, 4], dtype: "int32" },
};

/** Eight tokens, three of them without a label. */
export const toyInputs: Readonly<Record<"input_ids" | "labels", Numbers>> = {
  input_ids: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 0),
  labels: Int32Array.of(1, -100, 3, 4, -100, 6, -100, 1),
};

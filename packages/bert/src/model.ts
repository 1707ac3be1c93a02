import {
  asTensor,
  attention,
  dense,
  embedding,
  gatherRows,
  gelu,
  layerNorm,
  maskedLanguageModelling,
  paddingMask,
  tokenInputs,
  tokenLabels,
  type Batch,
  type GeluKind,
  type Model,
  type Objective,
  type Parameters,
} from "@ligo/nn";
import * as tf from "@tensorflow/tfjs";
import type { BertConfig } from "./config.js";

const ACTIVATION: Readonly<Record<BertConfig["hidden_act"], GeluKind>> = {
  gelu: "erf",
  gelu_new: "tanh",
  gelu_pytorch_tanh: "tanh",
};

/** The forward pass of BERT. Activations are [batch * sequence, n] throughout. */
export function bertModel(config: BertConfig, className: string): Model {
  const activation = ACTIVATION[config.hidden_act];
  const tied = config.tie_word_embeddings;

  const project = (p: Parameters, name: string, x: tf.Tensor2D, readers = 1): tf.Tensor2D =>
    dense(x, p.get(`${name}.weight`), p.get(`${name}.bias`), readers);
  const normalise = (p: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D =>
    layerNorm(
      x,
      asTensor(p.get(`${name}.weight`)),
      asTensor(p.get(`${name}.bias`)),
      config.layer_norm_eps,
    );

  const embed = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const ids = batch["input_ids"] as tf.Tensor2D;
    const [rows, sequence] = ids.shape;
    const tokens = embedding(ids.flatten(), p.get("bert.embeddings.word_embeddings.weight"));
    const positions = embedding(
      tf.range(0, sequence, 1, "int32"),
      p.get("bert.embeddings.position_embeddings.weight"),
    );
    const types = batch["token_type_ids"]?.flatten() ?? tf.zeros([1], "int32");
    const type = embedding(types, p.get("bert.embeddings.token_type_embeddings.weight"));
    const placed = tokens
      .reshape([rows, sequence, -1])
      .add(positions)
      .reshape<tf.Tensor2D>([rows * sequence, -1]);
    return normalise(p, "bert.embeddings.LayerNorm", placed.add(type));
  };
  const layer = (
    p: Parameters,
    name: string,
    x: tf.Tensor2D,
    shape: readonly [number, number],
    mask?: tf.Tensor4D,
  ): tf.Tensor2D => {
    const [batch, sequence] = shape;
    const [q, k, v] = ["query", "key", "value"].map((space) =>
      project(p, `${name}.attention.self.${space}`, x, 3),
    ) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const context = attention(
      q,
      k,
      v,
      { batch, sequence, heads: config.num_attention_heads },
      mask,
    );
    const attended = normalise(
      p,
      `${name}.attention.output.LayerNorm`,
      project(p, `${name}.attention.output.dense`, context).add(x),
    );
    const inner = gelu(project(p, `${name}.intermediate.dense`, attended), activation);
    return normalise(
      p,
      `${name}.output.LayerNorm`,
      project(p, `${name}.output.dense`, inner).add(attended),
    );
  };
  /** What the layers get and give, each [batch * sequence, hidden]. */
  const encodings = (p: Parameters, batch: Batch): tf.Tensor2D[] => {
    const mask = batch["attention_mask"] && paddingMask(batch["attention_mask"] as tf.Tensor2D);
    const { shape } = batch["input_ids"] as tf.Tensor2D;
    let x = embed(p, batch);
    const states = [x];
    for (let i = 0; i < config.num_hidden_layers; i++) {
      x = layer(p, `bert.encoder.layer.${i}`, x, shape, mask);
      states.push(x);
    }
    return states;
  };
  const encode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    encodings(p, batch).at(-1) as tf.Tensor2D;
  /** [rows, vocabulary] from hidden states [rows, hidden]. */
  const predict = (p: Parameters, hidden: tf.Tensor2D): tf.Tensor2D => {
    const transformed = gelu(project(p, "cls.predictions.transform.dense", hidden), activation);
    const x = normalise(p, "cls.predictions.transform.LayerNorm", transformed);
    const weight = tied
      ? "bert.embeddings.word_embeddings.weight"
      : "cls.predictions.decoder.weight";
    return dense(
      x,
      p.get(weight),
      p.get(tied ? "cls.predictions.bias" : "cls.predictions.decoder.bias"),
    );
  };
  /** tanh of a linear layer on the first token: [batch, pooler]. */
  const pool = (p: Parameters, hidden: tf.Tensor2D, batch: Batch): tf.Tensor2D => {
    const [rows, sequence] = (batch["input_ids"] as tf.Tensor2D).shape;
    return project(
      p,
      "bert.pooler.dense",
      gatherRows(tf.range(0, rows * sequence, sequence, "int32"), hidden),
    ).tanh();
  };
  const unflatten = (x: tf.Tensor2D, batch: Batch): tf.Tensor3D =>
    x.reshape([...(batch["input_ids"] as tf.Tensor2D).shape, x.shape[1]]);

  const maskedLm: Objective = maskedLanguageModelling((p, batch, positions) => {
    const hidden = encode(p, batch);
    return predict(p, positions ? gatherRows(positions, hidden) : hidden);
  });
  const forwards: Readonly<Record<string, Model["forward"]>> = {
    BertModel: (p, batch) => {
      const hidden = encode(p, batch);
      return { last_hidden_state: unflatten(hidden, batch), pooler_output: pool(p, hidden, batch) };
    },
    BertForMaskedLM: (p, batch) => ({ logits: unflatten(predict(p, encode(p, batch)), batch) }),
    BertForPreTraining: (p, batch) => {
      const hidden = encode(p, batch);
      return {
        prediction_logits: unflatten(predict(p, hidden), batch),
        seq_relationship_logits: project(p, "cls.seq_relationship", pool(p, hidden, batch)),
      };
    },
    BertForSequenceClassification: (p, batch) => ({
      logits: project(p, "classifier", pool(p, encode(p, batch), batch)),
    }),
  };
  const predicts = className === "BertForMaskedLM" || className === "BertForPreTraining";
  const sizes = {
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    types: config.type_vocab_size,
  };
  return {
    inputs: { ...tokenInputs(sizes), ...(predicts ? tokenLabels(sizes) : {}) },
    forward: forwards[className] as Model["forward"],
    objectives: predicts ? { "masked-lm": maskedLm } : {},
    hiddenStates: (p, batch) => ({ encoder: encodings(p, batch) }),
  };
}

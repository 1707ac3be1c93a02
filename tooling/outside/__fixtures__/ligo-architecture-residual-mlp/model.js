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
} from "@ligo/nn";

const EPSILON = 1e-5;
const EMBEDDINGS = "model.embeddings.weight";

export function residualMlpModel(config) {
  const sizes = { vocabulary: config.vocab_size, positions: config.max_positions };
  const states = (p, batch) => {
    let x = embedding(inputIds(batch).flatten(), p.get(EMBEDDINGS));
    const all = [x];
    for (let layer = 0; layer < config.num_layers; layer++) {
      const name = `model.layers.${layer}`;
      const inner = project(p, `${name}.up`, normalise(p, `${name}.norm`, x, EPSILON));
      x = x.add(project(p, `${name}.down`, activate(inner, "gelu")));
      all.push(x);
    }
    return all;
  };
  const logits = (p, batch) =>
    dense(normalise(p, "model.norm", states(p, batch).at(-1), EPSILON), p.get(EMBEDDINGS));
  const { attention_mask, ...inputs } = tokenInputs(sizes);
  return {
    inputs: { ...inputs, ...tokenLabels(sizes) },
    forward: (p, batch) => ({ logits: perToken(logits(p, batch), batch) }),
    objectives: { "causal-lm": causalLanguageModelling(logits) },
    hiddenStates: (p, batch) => ({ layers: states(p, batch) }),
  };
}

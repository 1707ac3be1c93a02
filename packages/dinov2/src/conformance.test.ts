import {
  describeArchitecture,
  readRecordedCheckpoint,
  renameTensors,
  type ArchitectureFixtures,
  type FixtureTensor,
  type RecordedCheckpoint,
} from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import registerHeaders from "./__fixtures__/headers-registers.json" with { type: "json" };
import { dinov2, dinov2WithRegisters } from "./index.js";

const read = (name: string): Promise<RecordedCheckpoint> =>
  readRecordedCheckpoint(new URL(`./__fixtures__/${name}/`, import.meta.url));
const size = (value: unknown): number => Number(value);

/** Gradients of a gated MLP, which in memory are those of two layers, as those of the one that is saved. */
function joined(recorded: RecordedCheckpoint): RecordedCheckpoint {
  const gradients = new Map(recorded.gradients);
  for (const [name, gate] of gradients) {
    const up = gradients.get(name.replace("gate_proj", "up_proj"));
    if (!name.includes("gate_proj") || up === undefined) continue;
    const [rows = 0, ...rest] = gate.shape;
    const both: FixtureTensor = {
      shape: [2 * rows, ...rest],
      data: Float32Array.of(...gate.data, ...up.data),
    };
    gradients.set(name.replace("gate_proj", "weights_in"), both);
    gradients.delete(name);
    gradients.delete(name.replace("gate_proj", "up_proj"));
  }
  return { ...recorded, gradients };
}

const common: Pick<ArchitectureFixtures, "wider" | "deeper" | "sizes"> = {
  wider: (config) => ({
    hidden_size: 2 * size(config["hidden_size"]),
    num_attention_heads: 2 * size(config["num_attention_heads"]),
  }),
  deeper: (config) => ({ num_hidden_layers: 2 * size(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    const [heads, headSize, patch] = [growing(1, 3), growing(1, 4), fixed(1, 3)];
    return {
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      mlp_ratio: growing(1, 3),
      image_size: patch * fixed(1, 3),
      patch_size: patch,
      num_channels: fixed(1, 3),
      num_labels: fixed(1, 4),
    };
  },
};

describeArchitecture(dinov2, {
  ...common,
  headers,
  checkpoints: [
    await read("Dinov2ForImageClassification"),
    joined(await read("swiglu")),
    await read("Dinov2Model"),
  ],
  variants: [
    {
      name: "the prefix of classes with a head",
      className: "Dinov2Model",
      store: (tensors) => renameTensors(tensors, (name) => `dinov2.${name}`),
    },
    {
      name: "transformers 5 in memory",
      store: (tensors) =>
        renameTensors(tensors, (name) =>
          name
            .replace(
              /attention\.attention\.(query|key|value)/u,
              (_, part: string) => `attention.${part.charAt(0)}_proj`,
            )
            .replace("attention.output.dense", "attention.o_proj"),
        ),
    },
    {
      name: "a classifier's file for the bare model",
      className: "Dinov2Model",
      store: (tensors) =>
        new Map([...tensors, ["classifier.bias", { shape: [2], data: Float32Array.of(1, 2) }]]),
    },
  ],
});

describeArchitecture(dinov2WithRegisters, {
  ...common,
  headers: registerHeaders,
  checkpoints: [
    await read("Dinov2WithRegistersForImageClassification"),
    await read("Dinov2WithRegistersModel"),
  ],
});

import { checkConfig, createRandom } from "@ligo/core";
import type { Numbers, TensorSpecs } from "@ligo/engine";
import { vit, type VitConfig } from "../index.js";

const BATCH = 4;
const CLASSES = 3;

/** A config with two heads of four, and four patches. */
export function tinyConfig(changes: Readonly<Record<string, unknown>> = {}): VitConfig {
  return checkConfig(vit, {
    model_type: "vit",
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 12,
    image_size: 4,
    patch_size: 2,
    num_labels: CLASSES,
    ...changes,
  });
}

const random = createRandom(7);
const labels = Int32Array.of(0, 2, 1, 2);

/** Four images with their classes, smoothed; one image skips the second layer. */
export const batch: Readonly<Record<string, Numbers>> = {
  pixel_values: Float32Array.from({ length: BATCH * 3 * 4 * 4 }, random.normal),
  labels,
  label_distribution: Float32Array.from(labels, (label) => label).reduce((all, label, row) => {
    all.fill(0.1 / CLASSES, row * CLASSES, (row + 1) * CLASSES);
    all[row * CLASSES + label] = 0.1 / CLASSES + 0.9;
    return all;
  }, new Float32Array(BATCH * CLASSES)),
};

export const specs: TensorSpecs = {
  pixel_values: { shape: [BATCH, 3, 4, 4], dtype: "float32" },
  labels: { shape: [BATCH], dtype: "int32" },
  label_distribution: { shape: [BATCH, CLASSES], dtype: "float32" },
};

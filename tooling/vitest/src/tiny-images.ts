import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@ligo/core";

const SIDE = 32;
const CLASSES = 10;

/**
 * Writes `data_batch_1.bin` of CIFAR-10's format: noise around a colour that says the class, so that there is something to
 * learn. Returns its folder.
 */
export function tinyImages(folder: string, images: number = 60): string {
  mkdirSync(folder, { recursive: true });
  const random = createRandom(5);
  const record = 1 + 3 * SIDE * SIDE;
  const bytes = new Uint8Array(images * record);
  for (let index = 0; index < images; index++) {
    const label = index % CLASSES;
    bytes[index * record] = label;
    for (let channel = 0; channel < 3; channel++) {
      const colour = ((label * 7 + channel * 3) % CLASSES) * 22;
      const start = index * record + 1 + channel * SIDE * SIDE;
      for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
        bytes[start + pixel] = colour + random.integer(40);
      }
    }
  }
  writeFileSync(join(folder, "data_batch_1.bin"), bytes);
  return folder;
}

/** A PNG of one red pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/** Writes a folder for each class with some images that are all alike. Returns the folder they are in. */
export function tinyClasses(
  folder: string,
  classes: readonly string[],
  images: number = 4,
): string {
  for (const name of classes) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let index = 0; index < images; index++) {
      writeFileSync(join(folder, name, `${index}.png`), Buffer.from(PIXEL, "base64"));
    }
  }
  return folder;
}

/** A ViT small enough for a test. */
export const TINY_VIT: Readonly<Record<string, unknown>> = {
  model_type: "vit",
  architectures: ["ViTForImageClassification"],
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 32,
  image_size: 8,
  patch_size: 4,
  num_channels: 3,
  hidden_act: "gelu",
  id2label: Object.fromEntries(
    Array.from({ length: CLASSES }, (_, i) => [String(i), `LABEL_${i}`]),
  ),
};

/** A DeiT of the same sizes, with both heads. */
export const TINY_DEIT: Readonly<Record<string, unknown>> = {
  ...TINY_VIT,
  model_type: "deit",
  architectures: ["DeiTForImageClassificationWithTeacher"],
};

/** A CaiT of about the same sizes. */
export const TINY_CAIT: Readonly<Record<string, unknown>> = {
  model_type: "cait",
  architectures: ["Cait"],
  embed_dim: 16,
  depth: 3,
  num_heads: 2,
  depth_token_only: 1,
  mlp_ratio: 2,
  mlp_ratio_token_only: 2,
  img_size: 8,
  patch_size: 4,
  in_chans: 3,
  num_classes: CLASSES,
};

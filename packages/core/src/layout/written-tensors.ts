import { expandLayout, fillLayer } from "./layout-names.js";
import type { Layout } from "./layout.js";

/** One tensor of a checkpoint to be written. */
export interface WrittenTensor {
  /** Name in the file: canonical, without `strippedPrefix`. */
  readonly name: string;
  /** Canonical name of the tensor whose numbers are written: its own, or for a mirror the mirrored one's. */
  readonly source: string;
  readonly shape: readonly number[];
}

/** Tensors that Hugging Face's `save_pretrained` writes for this class: mirrors as copies, tied parameters not at all. */
export function writtenTensors(layout: Layout): readonly WrittenTensor[] {
  const prefix = layout.strippedPrefix;
  return expandLayout(layout)
    .filter((tensor) => tensor.parameter.tiedTo === undefined)
    .map(({ name, parameter, layer, shape }) => ({
      name: prefix !== undefined && name.startsWith(prefix) ? name.slice(prefix.length) : name,
      source: parameter.mirrorOf === undefined ? name : fillLayer(parameter.mirrorOf, layer),
      shape,
    }));
}

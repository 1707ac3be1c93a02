import type { Parameter } from "../layout.js";
import { axis, linearLayer, normLayer, parameter } from "./parameters.js";

/** The names of a masked language model's head, without `.weight` and `.bias`. */
export interface MaskedLmHeadNames {
  /** Linear layer before the readout. */
  readonly dense: string;
  /** Norm after it. */
  readonly norm: string;
  /** The readout. Its weight may be tied to the embedding table. */
  readonly decoder: string;
  /** The readout's bias as it is saved, in full: `cls.predictions.bias`. */
  readonly bias: string;
}

/**
 * The parameters of a masked language model's head. Tied to an embedding `table` it works in the space `embed`; untied in
 * a space `head` of its own.
 */
export function maskedLmHead(
  names: MaskedLmHeadNames,
  { table, tied }: { readonly table: string; readonly tied: boolean },
): readonly Parameter[] {
  const space = tied ? "embed" : "head";
  const entries = axis("vocab", "fixed");
  const [weight, decoderBias] = [`${names.decoder}.weight`, `${names.decoder}.bias`];
  const readout = [entries, axis(space, "in")];
  const zeros = { initial: "zeros", decay: false } as const;
  const head = [
    ...linearLayer(names.dense, axis(space, "out"), axis("embed", "in")),
    ...normLayer(names.norm, space, { readout: tied }),
  ];
  if (tied) {
    return [
      ...head,
      parameter(names.bias, [entries], zeros),
      parameter(weight, readout, { tiedTo: table }),
      parameter(decoderBias, [entries], { ...zeros, tiedTo: names.bias }),
    ];
  }
  // transformers 4 saves an untied head's bias under the head's own name alone, version 5 reads the decoder's: both hold it.
  return [
    ...head,
    parameter(weight, readout),
    parameter(decoderBias, [entries], { ...zeros, aliases: [names.bias] }),
    parameter(names.bias, [entries], { ...zeros, mirrorOf: decoderBias }),
  ];
}

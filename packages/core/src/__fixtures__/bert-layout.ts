import type { Axis, Layout, Parameter, Role } from "../layout/layout.js";

export interface BertSizes {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocab?: number;
  readonly positions?: number;
  readonly types?: number;
  readonly tied?: boolean;
}

/** The layout of `BertForMaskedLM`, written by hand for tests. */
export function bertLayout(sizes: BertSizes): Layout {
  const { layers, hidden, heads, intermediate } = sizes;
  const { vocab = 90, positions = 48, types = 2, tied = false } = sizes;
  const unit = hidden / heads;
  const factors = [
    { name: "head", size: heads },
    { name: "channel", size: unit },
  ];
  const head = tied ? "embed" : "head";
  const axis = (space: string, role: Role): Axis => ({ space, role });

  const layered = (name: string, axes: readonly Axis[], initial: Parameter["initial"]): Parameter => ({
    name: `bert.encoder.layer.{i}.${name}`,
    stack: "encoder",
    axes,
    initial,
    decay: initial === "normal",
    ...(initial === "ones" ? { norm: "centred" as const } : {}),
  });
  const linear = (name: string, to: string, from: string): readonly Parameter[] => [
    layered(`${name}.weight`, [axis(to, "out"), axis(from, "in")], "normal"),
    layered(`${name}.bias`, [axis(to, "out")], "zeros"),
  ];
  const norm = (name: string): readonly Parameter[] => [
    layered(`${name}.weight`, [axis("embed", "elem")], "ones"),
    layered(`${name}.bias`, [axis("embed", "elem")], "zeros"),
  ];
  const single = (
    name: string,
    axes: readonly Axis[],
    initial: Parameter["initial"],
    more: Partial<Parameter> = {},
  ): Parameter => ({
    name,
    axes,
    initial,
    decay: initial === "normal",
    ...(initial === "ones" ? { norm: "centred" as const } : {}),
    ...more,
  });
  const readout: Partial<Parameter> = tied ? { readout: true } : {};

  return {
    architecture: "bert",
    className: "BertForMaskedLM",
    spaces: {
      embed: { size: hidden, grows: true, scope: "model" },
      query: { size: hidden, grows: true, scope: "layer", factors, pairing: { with: "key", scale: 1 / Math.sqrt(unit) } },
      key: { size: hidden, grows: true, scope: "layer", factors },
      value: { size: hidden, grows: true, scope: "layer", factors },
      mlp: { size: intermediate, grows: true, scope: "layer" },
      ...(tied ? {} : { head: { size: hidden, grows: true, scope: "model" as const } }),
      vocab: { size: vocab, grows: false, scope: "model" },
      position: { size: positions, grows: false, scope: "model" },
      type: { size: types, grows: false, scope: "model" },
    },
    stacks: { encoder: { layers, norm: "post" } },
    parameters: [
      ...(["word:vocab", "position:position", "token_type:type"] as const).map((entry) => {
        const [name = "", space = ""] = entry.split(":");
        const axes = [axis(space, "fixed"), axis("embed", "out")];
        return single(`bert.embeddings.${name}_embeddings.weight`, axes, "normal");
      }),
      single("bert.embeddings.LayerNorm.weight", [axis("embed", "elem")], "ones"),
      single("bert.embeddings.LayerNorm.bias", [axis("embed", "elem")], "zeros"),
      ...linear("attention.self.query", "query", "embed"),
      ...linear("attention.self.key", "key", "embed"),
      ...linear("attention.self.value", "value", "embed"),
      ...linear("attention.output.dense", "embed", "value"),
      ...norm("attention.output.LayerNorm"),
      ...linear("intermediate.dense", "mlp", "embed"),
      ...linear("output.dense", "embed", "mlp"),
      ...norm("output.LayerNorm"),
      single(
        "cls.predictions.transform.dense.weight",
        [axis(head, "out"), axis("embed", "in")],
        "normal",
      ),
      single("cls.predictions.transform.dense.bias", [axis(head, "out")], "zeros"),
      single("cls.predictions.transform.LayerNorm.weight", [axis(head, "elem")], "ones", readout),
      single("cls.predictions.transform.LayerNorm.bias", [axis(head, "elem")], "zeros", readout),
      ...readoutParameters(tied, head),
    ],
    renames: [
      { pattern: "\\.gamma$", replacement: ".weight" },
      { pattern: "\\.beta$", replacement: ".bias" },
    ],
    drops: ["\\.position_ids$", "^bert\\.pooler\\.", "^cls\\.seq_relationship\\."],
  };
}

function readoutParameters(tied: boolean, head: string): readonly Parameter[] {
  const weight: Parameter = {
    name: "cls.predictions.decoder.weight",
    axes: [
      { space: "vocab", role: "fixed" },
      { space: head, role: "in" },
    ],
    initial: "normal",
    decay: true,
  };
  const bias: Parameter = {
    name: "cls.predictions.bias",
    axes: [{ space: "vocab", role: "fixed" }],
    initial: "zeros",
    decay: false,
  };
  const decoderBias = { ...bias, name: "cls.predictions.decoder.bias" };
  return tied
    ? [
        { ...weight, tiedTo: "bert.embeddings.word_embeddings.weight" },
        bias,
        { ...decoderBias, tiedTo: "cls.predictions.bias" },
      ]
    : [
        weight,
        { ...decoderBias, aliases: ["cls.predictions.bias"] },
        { ...bias, mirrorOf: "cls.predictions.decoder.bias" },
      ];
}

/** The bare `BertModel`, whose files lack the `bert.` prefix. */
export function bareBertLayout(sizes: BertSizes): Layout {
  const full = bertLayout({ ...sizes, tied: true });
  return {
    ...full,
    className: "BertModel",
    parameters: full.parameters.filter(({ name }) => name.startsWith("bert.")),
    drops: [...full.drops, "^cls\\."],
    strippedPrefix: "bert.",
  };
}

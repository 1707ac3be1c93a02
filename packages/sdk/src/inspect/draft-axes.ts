import type { Axis, Parameter, RawConfig } from "@ligo/core";
import { headNormPart, type DraftAttention } from "./draft-attention.js";
import {
  attentionPart,
  isAttention,
  isEmbedding,
  isLayerScale,
  isNorm,
  isPosition,
  moduleOf,
  wordsOf,
} from "./draft-names.js";
import { findSizes, otherSizes, type DraftSize } from "./draft-sizes.js";
import type { DraftTensor } from "./draft-stacks.js";

/** How sure a guess is: sizes and names agree; one of several readings was taken; nothing fits. */
export type Certainty = "sure" | "guess" | "unknown";

export interface DraftAxis extends Axis {
  readonly certainty: Certainty;
  /** Why it is a guess, or unknown. */
  readonly reason?: string;
}

/** A parameter as it is guessed from name and shape. */
export interface DraftParameter {
  readonly name: string;
  readonly stack?: string;
  readonly shape: readonly number[];
  readonly axes: readonly DraftAxis[];
  readonly initial: Parameter["initial"];
  readonly norm?: NonNullable<Parameter["norm"]>;
  readonly decay: boolean;
  readonly remarks: readonly string[];
}

const ATTENTION = ["query", "key", "value"];
/** Words of what stands between the layers and a readout. */
const HEAD_WORDS = new Set(["cls", "head", "predictions", "transform"]);

const axis = (
  space: string | readonly string[],
  role: Axis["role"],
  certainty: Certainty = "sure",
  reason?: string,
): DraftAxis => ({ space, role, certainty, ...(reason === undefined ? {} : { reason }) });

const unknownAxis = (size: number): DraftAxis =>
  axis(`unknown_${size}`, "fixed", "unknown", `nothing in the config is ${size}`);

/** What a model as a whole says of its parameters. */
interface Facts {
  readonly sizes: readonly DraftSize[];
  readonly others: readonly DraftSize[];
  readonly embed: number;
  readonly mlp: number;
  readonly attention: DraftAttention | undefined;
  /** Weights are [in, out], as those whose sides differ show. */
  readonly inOut: boolean;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether the readout over the vocabulary shares the embedding table's numbers. */
  readonly tied: boolean;
}

/** Guesses the axes of all parameters. */
export function draftParameters(
  config: RawConfig,
  tensors: readonly DraftTensor[],
  attention: DraftAttention | undefined,
): readonly DraftParameter[] {
  const sizes = findSizes(config);
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const sided = tensors.flatMap(({ name, shape: [rows, columns] }) => {
    const bias = shapes.get(`${moduleOf(name)}.bias`);
    if (
      !name.endsWith(".weight") ||
      bias?.length !== 1 ||
      rows === columns ||
      columns === undefined
    )
      return [];
    return [bias[0] === columns ? "in-out" : "out-in"];
  });
  const named = { sizes };
  const vocabulary = sizeOf(named, "vocab");
  const facts: Facts = {
    sizes,
    others: otherSizes(config),
    embed: sizeOf(named, "embed"),
    mlp: sizeOf(named, "mlp"),
    attention,
    inOut: sided.filter((side) => side === "in-out").length > sided.length / 2,
    shapes,
    tied:
      config["tie_word_embeddings"] !== false &&
      tensors.filter(({ shape }) => shape.length === 2 && shape[0] === vocabulary).length === 1,
  };
  const weights = new Map(
    tensors.map((tensor) => [tensor.name, matrixAxes(tensor, facts)] as const),
  );
  const hasBias = (gain: string): boolean =>
    tensors.some(
      ({ name }) => name === gain.replace(/weight$/u, "bias").replace(/gamma$/u, "beta"),
    );
  return tensors.map((tensor) => {
    const axes = weights.get(tensor.name) ?? vectorAxes(tensor, facts, weights);
    const isVector = tensor.shape.length === 1;
    const isGain = isNorm(tensor.name) && /\.(?:weight|gamma)$/u.test(tensor.name);
    return {
      ...tensor,
      axes,
      ...(isGain ? { norm: hasBias(tensor.name) ? ("centred" as const) : ("rms" as const) } : {}),
      initial: isGain || isLayerScale(tensor.name) ? "ones" : isVector ? "zeros" : "normal",
      decay: !isVector && axes.some(({ role }) => role !== "fixed"),
    };
  });
}

/** Axes of a tensor of two and more axes. */
function matrixAxes(tensor: DraftTensor, facts: Facts): readonly DraftAxis[] | undefined {
  const { shape } = tensor;
  if (shape.length === 2) return linearAxes(tensor, facts);
  if (shape.length === 3) {
    return shape.map((size, index) => {
      if (size === 1 && index < 2) return axis("one", "fixed");
      if (index === 2 && size === facts.embed) return axis("embed", "out");
      return fixedAxis(size, facts, ["position"]);
    });
  }
  if (shape.length === 4) {
    return shape.map((size, index) => {
      if (index === 0 && size === facts.embed) return axis("embed", "out");
      if (index === 0) return fixedAxis(size, facts, []);
      if (index === 1 && size === facts.embed) return axis("embed", "in");
      if (size === 1) return axis("one", "fixed");
      return fixedAxis(size, facts, index === 1 ? ["channel"] : ["patch"]);
    });
  }
  return shape.length > 1 ? shape.map(unknownAxis) : undefined;
}

/** An axis that does not grow: the first of the spaces that has its size, else any. */
function fixedAxis(size: number, facts: Facts, spaces: readonly string[]): DraftAxis {
  const fits = facts.sizes.filter((one) => !one.grows && one.size === size);
  const wanted = fits.find(({ space }) => spaces.includes(space));
  if (wanted !== undefined) return axis(wanted.space, "fixed");
  const [other] = [...fits, ...facts.others.filter((one) => one.size === size)];
  if (other === undefined) return unknownAxis(size);
  return axis(other.space, "fixed", "guess", `${other.expression} is ${size}`);
}

/** Axes of a matrix: a table, a readout, or a linear layer stored either way. */
function linearAxes(tensor: DraftTensor, facts: Facts): readonly DraftAxis[] {
  const [rows = 0, columns = 0] = tensor.shape;
  const { name } = tensor;
  if (tensor.stack === undefined) {
    const bias = facts.shapes.get(`${moduleOf(name)}.bias`);
    const fixed = tableSpace(name, rows, facts);
    if (fixed !== undefined && columns === facts.embed) {
      const isTable = bias === undefined && isEmbedding(name);
      return [fixed, isTable ? axis("embed", "out") : readAxis(tensor, columns, facts)];
    }
  }
  const bias = facts.shapes.get(`${moduleOf(name)}.bias`)?.[0];
  const stored = rows !== columns && bias !== undefined ? bias === columns : facts.inOut;
  const [out, input] = stored ? [columns, rows] : [rows, columns];
  const axes = [writeAxis(tensor, out, facts), readAxis(tensor, input, facts)];
  return stored ? axes.toReversed() : axes;
}

/** The fixed space that the rows of a table or a readout count, if they do. */
function tableSpace(name: string, rows: number, facts: Facts): DraftAxis | undefined {
  const fits = facts.sizes.filter(({ size, grows }) => !grows && size === rows);
  const wanted = isPosition(name)
    ? "position"
    : wordsOf(name).includes("type")
      ? "type"
      : isEmbedding(name)
        ? "vocab"
        : undefined;
  const named = fits.find(({ space }) => space === wanted);
  if (named !== undefined) return axis(named.space, "fixed");
  if (isEmbedding(name) && wanted !== undefined && rows !== facts.embed) {
    return axis(wanted, "fixed", "guess", `the config does not say ${rows}`);
  }
  const [found] = fits.filter(({ space }) => space === "vocab" || space === "label");
  if (found !== undefined && rows !== facts.embed) return axis(found.space, "fixed");
  // a binary head that no key counts
  if (rows === 2 && facts.embed !== 2)
    return axis("label", "fixed", "guess", "two rows: a choice of two");
  return undefined;
}

function writeAxis(tensor: DraftTensor, size: number, facts: Facts): DraftAxis {
  const { name } = tensor;
  const part = isAttention(name) ? attentionPart(name) : undefined;
  const all = ATTENTION.reduce((sum, space) => sum + attentionSize(facts, space), 0);
  if (part === "fused" || (part === undefined && size === all && isAttention(name)))
    return fusedAxis(name, size, all, facts);
  if (part !== undefined) {
    const expected = attentionSize(facts, part);
    return size === expected
      ? axis(part, "out")
      : axis(part, "out", "guess", `${size} is not ${expected}, as heads and their size say`);
  }
  if (tensor.stack === undefined) return outsideAxis(tensor, size, facts);
  if (size === facts.embed && size !== facts.mlp) return axis("embed", "out");
  if (size === facts.mlp && size !== facts.embed) return axis("mlp", "out");
  if (size === facts.embed) return axis("embed", "out", "guess", "as large as the MLP");
  if (size === 2 * facts.mlp)
    return axis(["mlp", "mlp"], "out", "guess", "twice the MLP: a gate and what it gates?");
  return unknownAxis(size);
}

/** Size of a space of attention; the embedding's where the config says nothing of heads. */
const attentionSize = ({ attention, embed }: Facts, space: string): number =>
  attention?.spaces[space]?.size ?? embed;

/** Query, key and value in one layer: behind each other, or by GPT-NeoX's and BLOOM's name head by head. */
function fusedAxis(name: string, size: number, expected: number, facts: Facts): DraftAxis {
  if (size !== expected)
    return axis(
      ATTENTION,
      "out",
      "guess",
      `${size} is not the ${expected} of query, key and value`,
    );
  const byHead = wordsOf(name).join("_").includes("query_key_value");
  if (!byHead || facts.attention?.keyValueHeads !== undefined) return axis(ATTENTION, "out");
  const reason =
    "by its name each head's query, key and value, head after head; or all queries first?";
  return { ...axis(ATTENTION, "out", "guess", reason), interleavedBy: "head" };
}

function readAxis(tensor: DraftTensor, size: number, facts: Facts): DraftAxis {
  const { name } = tensor;
  if (tensor.stack === undefined) {
    if (size !== facts.embed) return unknownAxis(size);
    const isReadout = tensor.shape.includes(sizeOf(facts, "vocab")) && !isEmbedding(name);
    if (isReadout && !facts.tied && hasHead(facts)) {
      return axis("head", "in", "guess", "a readout behind a layer of its own");
    }
    const pooled = [...facts.shapes.keys()].some((other) => /(?:^|\.)pooler\./u.test(other));
    const readsPooled =
      pooled &&
      !isEmbedding(name) &&
      /(?:^|\.)(?:classifier|seq_relationship|score)\.weight$/u.test(name);
    return readsPooled
      ? axis("pooler", "in", "guess", "a classifier beside a pooler")
      : axis("embed", "in");
  }
  const isProjection = isAttention(name) && attentionPart(name) === undefined;
  // what attention's output reads carries a value for every head of queries
  const carried = facts.attention?.spaces["context"] === undefined ? "value" : "context";
  if (isProjection && size === attentionSize(facts, carried)) return axis(carried, "in");
  if (size === facts.mlp && size !== facts.embed) return axis("mlp", "in");
  if (size === facts.embed) return axis("embed", "in");
  return unknownAxis(size);
}

const sizeOf = ({ sizes }: Pick<Facts, "sizes">, space: string): number =>
  sizes.find((one) => one.space === space)?.size ?? -1;

/** Whether a square linear layer stands between the layers and a readout. */
function hasHead({ shapes, embed }: Facts): boolean {
  return [...shapes].some(
    ([name, [rows, columns]]) =>
      rows === embed &&
      columns === embed &&
      !name.includes("{i}") &&
      wordsOf(name).some((word) => HEAD_WORDS.has(word)),
  );
}

/** What a linear layer outside the layers writes: a space of its own, or the embedding's before a tied readout. */
function outsideAxis(tensor: DraftTensor, size: number, facts: Facts): DraftAxis {
  const parts = moduleOf(tensor.name).split(".");
  if (size === facts.embed && facts.tied) {
    const parent = parts.slice(0, -1).join(".");
    const beforeReadout = [...facts.shapes].some(
      ([other, shape]) =>
        shape.length === 1 &&
        other.endsWith(".bias") &&
        shape[0] === sizeOf(facts, "vocab") &&
        (parent === moduleOf(other) ||
          parent.startsWith(`${moduleOf(other)}.`) ||
          moduleOf(other).startsWith(parent)),
    );
    if (beforeReadout)
      return axis("embed", "out", "guess", "before a readout tied to the embedding");
  }
  const head = parts.some((part) => part === "pooler")
    ? "pooler"
    : wordsOf(tensor.name).some((word) => HEAD_WORDS.has(word))
      ? "head"
      : (parts.at(-2) ?? parts[0] ?? "head");
  return size === facts.embed
    ? axis(head, "out", "guess", "a space of its own, as large as the embedding")
    : unknownAxis(size);
}

/** Axes of a vector: a norm's, or those of what it is the bias of. */
function vectorAxes(
  tensor: DraftTensor,
  facts: Facts,
  weights: ReadonlyMap<string, readonly DraftAxis[] | undefined>,
): readonly DraftAxis[] {
  const [size = 0] = tensor.shape;
  const { name } = tensor;
  if (isLayerScale(name) && size === facts.embed) return [axis("embed", "elem")];
  if (isNorm(name)) return [normAxis(tensor, size, facts, weights)];
  const weight = weights.get(`${moduleOf(name)}.weight`);
  const written = weight?.find(({ role }) => role === "out");
  if (name.endsWith(".bias") && written !== undefined) return [written];
  const fixed = weight?.find(({ role }) => role === "fixed");
  if (fixed !== undefined) return [fixed];
  const named = facts.sizes.find((one) => !one.grows && one.size === size && one.space === "vocab");
  if (named !== undefined && size !== facts.embed) return [axis("vocab", "fixed")];
  if (size === facts.embed)
    return [axis("embed", "out", "guess", "a vector of the embedding's size")];
  return [fixedAxis(size, facts, [])];
}

/** What a norm scales: the embedding, or the space of the linear layer before it. */
function normAxis(
  tensor: DraftTensor,
  size: number,
  facts: Facts,
  weights: ReadonlyMap<string, readonly DraftAxis[] | undefined>,
): DraftAxis {
  const { attention } = facts;
  const part = attention && headNormPart(tensor, attention.headSize.value);
  if (part !== undefined) return axis(`${part}Channel`, "elem");
  if (size !== facts.embed) return unknownAxis(size);
  if (tensor.stack !== undefined) return axis("embed", "elem");
  const parent = moduleOf(tensor.name).split(".").slice(0, -1).join(".");
  const before = [...weights].find(
    ([name, axes]) => axes?.length === 2 && parent !== "" && moduleOf(name) === `${parent}.dense`,
  );
  const written = before?.[1]?.find(({ role }) => role === "out");
  if (written === undefined) return axis("embed", "elem");
  return { ...written, role: "elem" };
}

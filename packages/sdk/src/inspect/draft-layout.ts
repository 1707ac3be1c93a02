import type { RawConfig, Stack } from "@ligo/core";
import type { Factor, TensorHeader } from "@ligo/core/layout";
import { draftAttention, type DraftAttention } from "./draft-attention.js";
import { draftParameters, type DraftAxis, type DraftParameter } from "./draft-axes.js";
import { normPlace } from "./draft-names.js";
import { findKey, findSizes, otherSizes, type DraftSize } from "./draft-sizes.js";
import { findStacks, type DraftStack } from "./draft-stacks.js";
import { modelTypeOf } from "../models/model-type.js";

/** A layout guessed from the headers of a checkpoint and its config. */
export interface LayoutDraft {
  readonly modelType: string;
  readonly className: string;
  readonly parameters: readonly DraftParameter[];
  readonly stacks: readonly (DraftStack & {
    /** `undefined` where the names do not tell. */
    readonly norm: Stack["norm"] | undefined;
    /** The config key that counts the layers. */
    readonly key: string | undefined;
    /** The config key that names the kind of every layer, where there are several. */
    readonly kinds?: string;
  })[];
  /** Spaces in use, with the size the config gives them. */
  readonly spaces: readonly DraftSpace[];
  /** The config key that counts the heads of attention. */
  readonly headsKey: string | undefined;
  /** The factors of attention; `undefined` where the config does not say them. */
  readonly attention: DraftAttention | undefined;
  /** Buffers, to be dropped. */
  readonly buffers: readonly string[];
  /** What is to be looked at by hand, in words. */
  readonly open: readonly string[];
}

export interface DraftSpace {
  readonly name: string;
  readonly size: number;
  /** TypeScript that computes it from `config`; `undefined` where nothing fits. */
  readonly expression: string | undefined;
  readonly kind: "model" | "layer" | "fixed" | "attention";
  /** The factors whose product it is. */
  readonly factors?: readonly Factor[];
}

/** Buffers by the names they usually have: masks and ids that a model computes. */
const BUFFER =
  /(?:^|\.)(?:position_ids|token_type_ids|inv_freq|masked_bias|relative_position_index)$|\.attn\.bias$/u;

/** Drafts a layout. */
export function draftLayout(
  config: RawConfig,
  headers: ReadonlyMap<string, TensorHeader>,
): LayoutDraft {
  const isBuffer = (name: string): boolean => BUFFER.test(name);
  const buffers = [...headers.keys()].filter(isBuffer);
  const kept = new Map([...headers].filter(([name]) => !isBuffer(name)));
  const { stacks: found, tensors } = findStacks(kept);
  const attention = draftAttention(config, tensors);
  const parameters = draftParameters(config, tensors, attention);
  const { architectures } = config;
  const named: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  const stacks = found.map((stack) => ({
    ...stack,
    ...(hasKinds(config, stack.layers) ? { kinds: "layer_types" as const } : {}),
    norm: normPlace(tensors.filter((one) => one.stack === stack.name).map(({ name }) => name)),
    key: layersKey(config, stack.layers),
  }));
  const spaces = draftSpaces(config, parameters, attention);
  return {
    modelType: modelTypeOf(config),
    className: typeof named === "string" ? named : "",
    parameters,
    stacks,
    spaces,
    headsKey: findKey(config, "heads")?.key,
    attention,
    buffers,
    open: [...(attention?.open ?? []), ...openQuestions(config, parameters, stacks, spaces)],
  };
}

/** Whether a config names the kind of every layer, and there are several. */
function hasKinds({ layer_types: kinds }: RawConfig, layers: number): boolean {
  return Array.isArray(kinds) && kinds.length === layers && new Set(kinds).size > 1;
}

/** The config key that counts layers: by its name, else by its value. */
function layersKey(config: RawConfig, layers: number): string | undefined {
  const known = findKey(config, "layers");
  if (known?.value === layers) return known.key;
  return Object.keys(config).find((key) => /layer|depth/u.test(key) && config[key] === layers);
}

const spacesOf = ({ space }: DraftAxis): readonly string[] =>
  typeof space === "string" ? [space] : space;

function draftSpaces(
  config: RawConfig,
  parameters: readonly DraftParameter[],
  attention: DraftAttention | undefined,
): readonly DraftSpace[] {
  const sizes: readonly DraftSize[] = [...findSizes(config), ...otherSizes(config)];
  const embed = sizes.find(({ space }) => space === "embed");
  const spaces = new Map<string, DraftSpace>();
  for (const { axes, shape, stack } of parameters) {
    for (const [index, axis] of axes.entries()) {
      const parts = spacesOf(axis);
      for (const name of parts) {
        if (spaces.has(name)) continue;
        const product = attention?.spaces[name];
        if (product !== undefined) {
          const { factors = [], size } = product;
          const expression =
            size === embed?.size
              ? embed.expression
              : factors.map((factor) => factor.name).join(" * ");
          spaces.set(name, { name, size, expression, kind: "attention", factors });
          continue;
        }
        const size = (shape[index] ?? 0) / parts.length;
        const known = sizes.find((one) => one.space === name && one.size === size);
        const isAttention = ["query", "key", "value"].includes(name);
        const own = known === undefined && axis.role !== "fixed" && size === embed?.size;
        const expression =
          name === "one" ? "1" : (known?.expression ?? (own ? embed?.expression : undefined));
        const kind = isAttention
          ? "attention"
          : axis.role === "fixed"
            ? "fixed"
            : stack !== undefined && name !== "embed"
              ? "layer"
              : "model";
        spaces.set(name, { name, size, expression, kind });
      }
    }
  }
  return [...spaces.values()];
}

function openQuestions(
  config: RawConfig,
  parameters: readonly DraftParameter[],
  stacks: LayoutDraft["stacks"],
  spaces: readonly DraftSpace[],
): readonly string[] {
  const open: string[] = [];
  for (const { name, layers, norm, key } of stacks) {
    if (norm === undefined) {
      open.push(
        `stack ${name}: do its norms stand before the sublayers ("pre") or after the sums ("post")?`,
      );
    }
    if (key === undefined) open.push(`stack ${name}: no config key counts its ${layers} layers`);
  }
  for (const { name, kind } of spaces) {
    if (kind !== "layer" && kind !== "attention") continue;
    const users = new Set(
      parameters
        .filter(({ axes }) => axes.some((axis) => spacesOf(axis).includes(name)))
        .flatMap(({ stack }) => stack ?? []),
    );
    if (users.size < 2) continue;
    open.push(
      `space ${name}: the stacks ${[...users].join(" and ")} use it, and each needs one of its own`,
    );
  }
  if (stacks.length === 0) open.push("no layers were found among the names");
  if (findKey(config, "embed") === undefined) open.push("no config key gives the width");
  for (const { name, size, expression } of spaces) {
    if (expression === undefined)
      open.push(`space ${name}: which config key gives its size ${size}?`);
  }
  for (const { name, axes, remarks } of parameters) {
    for (const [index, { certainty, reason }] of axes.entries()) {
      if (certainty !== "sure") open.push(`${name}, axis ${index}: ${certainty}, ${reason ?? ""}`);
    }
    open.push(...remarks.map((remark) => `${name}: ${remark}`));
  }
  if (parameters.some(({ norm }) => norm === "rms"))
    open.push(
      "norms without a bias are taken for RMS norms whose gains are stored as they are: `centred` ones take the mean first " +
        "(ModernBERT), and gains that are stored less one have the offset 1 (Gemma)",
    );
  const vocabulary = findKey(config, "vocab")?.value;
  const tables = parameters.filter(({ shape }) => shape.length === 2 && shape[0] === vocabulary);
  if (config["tie_word_embeddings"] !== false && tables.length === 1) {
    open.push(
      `a readout tied to ${tables[0]?.name ?? ""} is not in the file: if the class has one, add it with tiedTo, and mark ` +
        "the last norm before it as readout",
    );
  }
  return open;
}

import { LayoutError } from "../errors/layout-error.js";
import { expandLayout, fillLayer, isOwned, type LayoutTensor } from "./layout-names.js";
import type { Layout } from "./layout.js";
import { nearestName } from "../nearest-name.js";
import { elementCount, formatShape } from "../shape.js";

/** Entry of a checkpoint's header for one tensor. */
export interface TensorHeader {
  readonly shape: readonly number[];
}

/** A stretch of a stored tensor's numbers, in storage order. */
export interface TensorRange {
  readonly begin: number;
  readonly end: number;
}

/** Stored tensors by the canonical ones they hold. */
export interface ResolvedTensors {
  /** Canonical name to stored name, for every tensor of the layout that has numbers of its own. */
  readonly tensors: ReadonlyMap<string, string>;
  /** Canonical name to the part of the stored tensor that holds it, where that holds others too (`splits`). */
  readonly ranges: ReadonlyMap<string, TensorRange>;
  /** Stored names that are not read: tied tensors, mirrors, buffers, heads the class lacks. */
  readonly dropped: readonly string[];
  /** Canonical names of tensors that may be absent, and are: they are not in the file, or have another shape there. */
  readonly absent: readonly string[];
}

/** How the names of a layout are found in a file. */
interface KnownNames {
  /** Tensors with numbers of their own, by canonical name. */
  readonly owned: ReadonlyMap<string, LayoutTensor>;
  /** Other names of an owned tensor (aliases, mirrors, ties) to the tensor's canonical name. */
  readonly substitutes: ReadonlyMap<string, string>;
  readonly drops: readonly RegExp[];
}

/**
 * Finds the tensors of a layout among the names a checkpoint stores. Names are brought to canonical form (`renames` in
 * order, then `strippedPrefix` put back, then `splits` taken apart). An absent tensor is taken from an alias, a mirror or
 * a tied twin where the file holds one.
 *
 * Throws `layout/duplicate-tensor`, `layout/unexpected-tensor`, `layout/missing-tensor` or `layout/wrong-shape`.
 *
 * @param mayBeAbsent tensors that need not be there, as a head that the file's model did not have. Default none.
 */
export function resolveTensors(
  layout: Layout,
  headers: ReadonlyMap<string, TensorHeader>,
  mayBeAbsent: (tensor: LayoutTensor) => boolean = () => false,
): ResolvedTensors {
  const known = knownNames(layout);
  const renames = layout.renames.map((rename) => ({
    pattern: new RegExp(rename.pattern, "g"),
    replacement: rename.replacement,
  }));

  const splits = (layout.splits ?? []).map(({ pattern, parts }) => ({
    pattern: new RegExp(`^(?:${pattern})$`),
    parts,
  }));

  const tensors = new Map<string, string>();
  const substitutes = new Map<string, string>();
  /** Canonical names of the parts of a stored tensor that holds several, by stored name. */
  const fused = new Map<string, readonly string[]>();
  const dropped: string[] = [];
  for (const stored of headers.keys()) {
    const renamed = renames.reduce(
      (name, rename) => name.replace(rename.pattern, rename.replacement),
      stored,
    );
    const name = withPrefix(layout, known, renamed);
    const split = splits.find(({ pattern }) => pattern.test(name));
    if (split !== undefined) {
      const parts = split.parts.map((part) => name.replace(split.pattern, part));
      const unknown = parts.find((part) => !known.owned.has(part));
      if (unknown !== undefined) throw unexpected(layout, known, stored, unknown);
      for (const part of parts) claim(tensors, part, stored);
      fused.set(stored, parts);
    } else if (known.owned.has(name)) {
      claim(tensors, name, stored);
    } else if (known.substitutes.has(name)) {
      substitutes.set(name, stored);
    } else if (known.drops.some((drop) => drop.test(name))) {
      dropped.push(stored);
    } else {
      throw unexpected(layout, known, stored, name);
    }
  }

  for (const [name, stored] of substitutes) {
    const target = known.substitutes.get(name);
    if (target === undefined || tensors.has(target)) dropped.push(stored);
    else tensors.set(target, stored);
  }

  const absent: string[] = [];
  for (const tensor of known.owned.values()) {
    const stored = tensors.get(tensor.name);
    const shape = headers.get(stored ?? "")?.shape ?? [];
    if (mayBeAbsent(tensor) && !(stored !== undefined && hasShape(shape, tensor.shape))) {
      absent.push(tensor.name);
      tensors.delete(tensor.name);
      if (stored !== undefined) dropped.push(stored);
      continue;
    }
    if (stored === undefined) throw missing(layout, known, tensor, headers);
    if (fused.has(stored)) continue;
    checkShape(stored, tensor.shape, shape);
  }
  const ranges = new Map<string, TensorRange>();
  for (const [stored, parts] of fused) {
    const shapes = parts.map((part) => known.owned.get(part)?.shape ?? []);
    const rows = shapes.reduce((sum, [first = 0]) => sum + first, 0);
    checkShape(stored, [rows, ...(shapes[0] ?? []).slice(1)], headers.get(stored)?.shape ?? []);
    let begin = 0;
    for (const [index, part] of parts.entries()) {
      const end = begin + elementCount(shapes[index] ?? []);
      ranges.set(part, { begin, end });
      begin = end;
    }
  }
  return { tensors, ranges, dropped, absent };
}

/**
 * The numbers of a canonical tensor.
 *
 * @param read gives numbers of a stored tensor: all of them, or as many as `into` is long from `start` on
 * @param into where the numbers are put. Default a new array for all of them
 * @param start index of the first number wanted
 */
export async function readResolved(
  resolved: Pick<ResolvedTensors, "tensors" | "ranges">,
  name: string,
  read: (storedName: string, into?: Float32Array, start?: number) => Promise<Float32Array>,
  into?: Float32Array,
  start = 0,
): Promise<Float32Array> {
  const stored = resolved.tensors.get(name) ?? name;
  const range = resolved.ranges.get(name);
  if (range === undefined) return read(stored, into, start);
  const { begin, end } = range;
  return into === undefined
    ? (await read(stored)).slice(begin, end)
    : read(stored, into, begin + start);
}

function claim(tensors: Map<string, string>, name: string, stored: string): void {
  const other = tensors.get(name);
  if (other !== undefined) throw duplicate(name, other, stored);
  tensors.set(name, stored);
}

function knownNames(layout: Layout): KnownNames {
  const owned = new Map<string, LayoutTensor>();
  const substitutes = new Map<string, string>();
  const all = expandLayout(layout);
  for (const tensor of all) {
    const { parameter, layer, name } = tensor;
    if (isOwned(parameter)) {
      owned.set(name, tensor);
      for (const alias of parameter.aliases ?? []) substitutes.set(fillLayer(alias, layer), name);
    } else {
      const twin = parameter.mirrorOf ?? parameter.tiedTo ?? name;
      substitutes.set(name, fillLayer(twin, layer));
    }
  }
  for (const { parameter, layer, name } of all) {
    if (isOwned(parameter)) continue;
    for (const alias of parameter.aliases ?? []) {
      const filled = fillLayer(alias, layer);
      if (!owned.has(filled) && !substitutes.has(filled)) {
        substitutes.set(filled, substitutes.get(name) ?? name);
      }
    }
  }
  return { owned, substitutes, drops: layout.drops.map((drop) => new RegExp(drop)) };
}

function withPrefix(layout: Layout, known: KnownNames, name: string): string {
  const { strippedPrefix } = layout;
  if (strippedPrefix === undefined || name.startsWith(strippedPrefix)) return name;
  if (known.drops.some((drop) => drop.test(name))) return name;
  return strippedPrefix + name;
}

function hasShape(actual: readonly number[], expected: readonly number[]): boolean {
  return actual.length === expected.length && actual.every((size, axis) => size === expected[axis]);
}

function checkShape(stored: string, expected: readonly number[], actual: readonly number[]): void {
  if (hasShape(actual, expected)) return;
  const [expectedText, actualText] = [formatShape(expected), formatShape(actual)];
  throw new LayoutError(
    "layout/wrong-shape",
    `"${stored}" has shape ${actualText}, but the config makes it ${expectedText}. ` +
      "Check that config.json belongs to this checkpoint.",
    { tensor: stored, expected: expectedText, actual: actualText },
  );
}

function duplicate(name: string, first: string, second: string): LayoutError {
  return new LayoutError(
    "layout/duplicate-tensor",
    `"${first}" and "${second}" are both "${name}". Remove one of them from the checkpoint.`,
    { tensor: name, expected: "one tensor", actual: `${first}, ${second}` },
  );
}

function unexpected(layout: Layout, known: KnownNames, stored: string, name: string): LayoutError {
  const nearest = nearestName(name, known.owned.keys());
  return new LayoutError(
    "layout/unexpected-tensor",
    `"${stored}" is no tensor of ${layout.className}; the nearest known name is "${nearest ?? "none"}". ` +
      "Check that config.json (architectures, number of layers) belongs to this checkpoint.",
    { tensor: stored, expected: nearest ?? "no tensors", actual: stored },
  );
}

function missing(
  layout: Layout,
  known: KnownNames,
  tensor: LayoutTensor,
  headers: ReadonlyMap<string, TensorHeader>,
): LayoutError {
  const spare = [...headers.keys()].filter((name) => !known.owned.has(name));
  const nearest = nearestName(tensor.name, spare.length > 0 ? spare : headers.keys());
  return new LayoutError(
    "layout/missing-tensor",
    `The checkpoint holds no "${tensor.name}", which ${layout.className} needs; ` +
      `the nearest name it holds is "${nearest ?? "none"}". ` +
      "Check that config.json (architectures, number of layers, ties) belongs to this checkpoint.",
    {
      tensor: tensor.name,
      expected: `${tensor.name} ${formatShape(tensor.shape)}`,
      actual: nearest ?? "no tensors",
    },
  );
}

import { LayoutError } from "../errors/layout-error.js";
import { expandLayout, fillLayer, isOwned, type LayoutTensor } from "./layout-names.js";
import type { BufferNumbers, Layout } from "./layout.js";
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
  /** Of these, the ones that must hold the numbers of another stored tensor: ties, further aliases; nothing reads a mirror. */
  readonly copies: readonly TensorCopy[];
  /** Of these, the buffers, by stored name, and what they must hold. */
  readonly buffers: ReadonlyMap<string, BufferNumbers>;
  /** Of these, the ones that the class has no place for: heads it lacks. */
  readonly unused: readonly string[];
  /** Canonical names of tensors that may be absent, and are: they are not in the file, or have another shape there. */
  readonly absent: readonly string[];
}

/** A stored tensor that is another's double. */
export interface TensorCopy {
  /** Canonical name that it is stored under. */
  readonly name: string;
  readonly stored: string;
  /** Stored name of the tensor that is read in its place. */
  readonly of: string;
}

/** How the names of a layout are found in a file. */
interface KnownNames {
  /** Tensors with numbers of their own, by canonical name. */
  readonly owned: ReadonlyMap<string, LayoutTensor>;
  /** Other names of an owned tensor (aliases, mirrors, ties) to the tensor's canonical name. */
  readonly substitutes: ReadonlyMap<string, string>;
  /** Those of them that are written for other readers, and read by no one here where the tensor itself is there. */
  readonly mirrors: ReadonlySet<string>;
  readonly buffers: readonly { readonly pattern: RegExp; readonly holds: BufferNumbers }[];
  readonly drops: readonly RegExp[];
  readonly splits: readonly { readonly pattern: RegExp; readonly parts: readonly string[] }[];
  /** Brings a stored name without wrappers to its canonical form. */
  readonly canonical: (name: string) => string;
}

/**
 * Finds the tensors of a layout among the names a checkpoint stores. Names are brought to canonical form (wrappers taken off
 * that all names stand behind, `renames` in order, then `strippedPrefix` put back, then `splits` taken apart). An absent tensor
 * is taken from an alias, a mirror or a tied twin where the file holds one. Whether `copies` and `buffers` hold the numbers they
 * must is for the caller to see.
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
  checkLayers(layout, headers.size);
  const known = knownNames(layout);
  const { fused, tensors, ...found } = sortNames(layout, known, headers);
  const absent: string[] = [];
  const dropped = [...found.dropped];
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
  return { ...found, tensors, ranges, dropped, absent };
}

/** Stored names by what they are. */
interface SortedNames extends Pick<ResolvedTensors, "buffers" | "copies" | "dropped" | "unused"> {
  readonly tensors: Map<string, string>;
  /** Canonical names of the parts of a stored tensor that holds several, by stored name. */
  readonly fused: ReadonlyMap<string, readonly string[]>;
}

function sortNames(
  layout: Layout,
  known: KnownNames,
  headers: ReadonlyMap<string, TensorHeader>,
): SortedNames {
  const tensors = new Map<string, string>();
  const substitutes: (readonly [name: string, stored: string])[] = [];
  const fused = new Map<string, readonly string[]>();
  const buffers = new Map<string, BufferNumbers>();
  const dropped: string[] = [];
  const unused: string[] = [];
  const wrapper = wrapperOf(known, [...headers.keys()]).length;
  for (const stored of headers.keys()) {
    const name = known.canonical(stored.slice(wrapper));
    const split = known.splits.find(({ pattern }) => pattern.test(name));
    const buffer = known.buffers.find(({ pattern }) => pattern.test(name));
    if (split !== undefined) {
      const parts = split.parts.map((part) => name.replace(split.pattern, part));
      const unknown = parts.find((part) => !known.owned.has(part));
      if (unknown !== undefined) throw unexpected(layout, known, stored, unknown);
      for (const part of parts) claim(tensors, part, stored);
      fused.set(stored, parts);
    } else if (known.owned.has(name)) {
      claim(tensors, name, stored);
    } else if (known.substitutes.has(name)) {
      substitutes.push([name, stored]);
    } else if (buffer !== undefined) {
      buffers.set(stored, buffer.holds);
      dropped.push(stored);
    } else if (known.drops.some((drop) => drop.test(name))) {
      unused.push(stored);
      dropped.push(stored);
    } else {
      throw unexpected(layout, known, stored, name);
    }
  }
  const copies: TensorCopy[] = [];
  for (const [name, stored] of substitutes) {
    const target = known.substitutes.get(name) ?? name;
    const of = tensors.get(target);
    if (of === undefined) {
      tensors.set(target, stored);
    } else {
      if (!known.mirrors.has(name)) copies.push({ name, stored, of });
      dropped.push(stored);
    }
  }
  return { tensors, fused, buffers, copies, dropped, unused };
}

/** What training puts before the names of a model it wraps: `DistributedDataParallel`, `torch.compile`, Lightning, FSDP, Fabric. */
const WRAPPERS = ["module.", "_orig_mod.", "model.", "_fsdp_wrapped_module.", "_forward_module."];

/** The wrappers that all names stand behind, where the layout knows more of the names without them. */
function wrapperOf({ canonical, ...known }: KnownNames, names: readonly string[]): string {
  const [first = ""] = names;
  const candidates = [""];
  for (let wrapper = ""; ;) {
    const next = WRAPPERS.find((one) => first.startsWith(wrapper + one));
    if (next === undefined) break;
    wrapper += next;
    if (!names.every((name) => name.startsWith(wrapper))) break;
    candidates.push(wrapper);
  }
  if (candidates.length === 1) return "";
  const isKnown = (name: string): boolean =>
    known.owned.has(name) ||
    known.substitutes.has(name) ||
    [...known.splits, ...known.buffers].some(({ pattern }) => pattern.test(name));
  const counts = candidates.map(
    ({ length }) => names.filter((name) => isKnown(canonical(name.slice(length)))).length,
  );
  return candidates[counts.indexOf(Math.max(...counts))] ?? "";
}

/** Layers that are counted out whatever a file holds, so that the tensor is named that is missing. */
const COUNTED_OUT = 10_000;

/** Every layer has a tensor at least: more layers than that are refused before they are counted out. */
function checkLayers(layout: Layout, stored: number): void {
  for (const [stack, { layers }] of Object.entries(layout.stacks)) {
    if (layers <= Math.max(stored, COUNTED_OUT)) continue;
    throw new LayoutError(
      "layout/missing-tensor",
      `The config gives ${layout.className} ${layers} layers in the stack "${stack}", but the checkpoint holds ` +
        `${stored} tensors in all. Correct the number of layers in config.json.`,
      {
        expected: `a tensor for each of ${layers} layers`,
        actual: `${stored} tensors`,
      },
    );
  }
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
  const mirrors = new Set<string>();
  const all = expandLayout(layout);
  for (const tensor of all) {
    const { parameter, layer, name } = tensor;
    if (isOwned(parameter)) {
      owned.set(name, tensor);
      for (const alias of parameter.aliases ?? []) substitutes.set(fillLayer(alias, layer), name);
    } else {
      const twin = parameter.mirrorOf ?? parameter.tiedTo ?? name;
      substitutes.set(name, fillLayer(twin, layer));
      if (parameter.mirrorOf !== undefined) mirrors.add(name);
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
  const drops = layout.drops.map((drop) => new RegExp(drop));
  const renames = layout.renames.map(({ pattern, replacement }) => ({
    pattern: new RegExp(pattern, "g"),
    replacement,
  }));
  return {
    owned,
    substitutes,
    mirrors,
    drops,
    buffers: (layout.buffers ?? []).map(({ holds, pattern }) => ({
      pattern: new RegExp(pattern),
      holds,
    })),
    splits: (layout.splits ?? []).map(({ parts, pattern }) => ({
      pattern: new RegExp(`^(?:${pattern})$`),
      parts,
    })),
    canonical(stored) {
      const name = renames.reduce(
        (text, one) => text.replace(one.pattern, one.replacement),
        stored,
      );
      const { strippedPrefix = "" } = layout;
      if (name.startsWith(strippedPrefix) || drops.some((drop) => drop.test(name))) return name;
      return strippedPrefix + name;
    },
  };
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
    `${layout.className} has no tensor "${stored}"; the nearest known name is "${nearest ?? "none"}". ` +
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

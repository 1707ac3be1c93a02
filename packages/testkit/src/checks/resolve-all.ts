import { LayoutError, type Layout } from "@ligo/core";
import {
  expandLayout,
  resolveTensors,
  type ResolvedTensors,
  type TensorHeader,
} from "@ligo/core/layout";
import { shapeText } from "../numbers.js";

/** A complaint of `resolveTensors`. */
export interface NameFault {
  readonly code: string;
  readonly tensor: string;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

/** All that `resolveTensors` has to say of a header: it throws at the first fault, this mends each and goes on. */
export function resolveAll(
  layout: Layout,
  header: ReadonlyMap<string, TensorHeader>,
): { readonly resolved?: ResolvedTensors; readonly faults: readonly NameFault[] } {
  const shapes = new Map(expandLayout(layout).map(({ name, shape }) => [name, shape]));
  const mended = new Map(header);
  const faults: NameFault[] = [];
  // Every fault takes a tensor away, adds one or gives it another shape.
  for (let left = header.size + 2 * shapes.size + 1; left > 0; left--) {
    try {
      return { resolved: resolveTensors(layout, mended), faults };
    } catch (error) {
      if (!(error instanceof LayoutError) || error.tensor === undefined) throw error;
      const { code, tensor, message, expected = "", actual = "" } = error;
      faults.push({ code, tensor, message, expected, actual });
      if (code === "layout/unexpected-tensor") mended.delete(tensor);
      else if (code === "layout/missing-tensor") {
        mended.set(storedName(layout, tensor), { shape: shapes.get(tensor) ?? [] });
      } else if (code === "layout/wrong-shape") {
        mended.set(tensor, { shape: JSON.parse(expected) as number[] });
      } else if (code === "layout/duplicate-tensor") {
        mended.delete(actual.split(", ")[1] ?? "");
      } else throw error;
    }
  }
  return { faults };
}

/** The name a canonical tensor is written under. */
function storedName({ strippedPrefix = "" }: Layout, name: string): string {
  return name.startsWith(strippedPrefix) ? name.slice(strippedPrefix.length) : name;
}

/** A header of recorded shapes. */
export function headerOf(
  shapes: Readonly<Record<string, readonly number[]>>,
): ReadonlyMap<string, TensorHeader> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
}

/** How two lists of named shapes differ, in words. */
export function headerDifferences(
  actual: ReadonlyMap<string, readonly number[]>,
  expected: ReadonlyMap<string, readonly number[]>,
): {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly reshaped: readonly string[];
} {
  return {
    missing: [...expected.keys()].filter((name) => !actual.has(name)),
    unexpected: [...actual.keys()].filter((name) => !expected.has(name)),
    reshaped: [...expected].flatMap(([name, shape]) => {
      const other = actual.get(name);
      if (other === undefined || shapeText(other) === shapeText(shape)) return [];
      return [`${name} ${shapeText(other)} instead of ${shapeText(shape)}`];
    }),
  };
}

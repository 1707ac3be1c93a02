import { memorySource, type ReadSource } from "../stream/read-source.js";
import type { Axis, Layout, Parameter, Role, Space } from "../layout/layout.js";

/** Shorthand for an axis: `embed:out`, or `query+key+value:out` for a fused one. */
function axis(text: string): Axis {
  const [spaces = "", role = "fixed"] = text.split(":");
  const names = spaces.split("+");
  return { space: names.length === 1 ? spaces : names, role: role as Role };
}

/** A parameter from its name and its axes in shorthand. */
export function parameter(
  name: string,
  axes: readonly string[],
  more: Partial<Parameter> = {},
): Parameter {
  return {
    name,
    axes: axes.map(axis),
    initial: "normal",
    decay: true,
    ...(name.includes("{i}") ? { stack: "encoder" } : {}),
    ...more,
  };
}

/** A layout with one stack, `encoder`. */
export function tinyLayout(
  layers: number,
  spaces: Readonly<Record<string, Space>>,
  parameters: readonly Parameter[],
  more: Partial<Layout> = {},
): Layout {
  return {
    architecture: "tiny",
    className: "TinyModel",
    spaces,
    stacks: { encoder: { layers, norm: "pre" } },
    parameters,
    renames: [],
    drops: [],
    ...more,
  };
}

/** A space that grows, with one map for all layers unless said otherwise. */
export function growing(size: number, more: Partial<Space> = {}): Space {
  return { size, grows: true, scope: "model", ...more };
}

/** A space that does not grow. */
export function fixed(size: number): Space {
  return { size, grows: false, scope: "model" };
}

/** A reader for `applyOperator` over numbers in memory. */
export function reader(
  tensors: ReadonlyMap<string, { readonly data: Float32Array }>,
): ReadSource {
  return memorySource(new Map([...tensors].map(([name, { data }]) => [name, data])));
}

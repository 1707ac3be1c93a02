import { LayoutError } from "../errors/layout-error.js";
import type { Axis, Layout, Parameter, Role, Space, Stack } from "./layout.js";

/** One tensor of a checkpoint: a parameter with its layer filled in. */
export interface LayoutTensor {
  /** Canonical name. */
  readonly name: string;
  readonly parameter: Parameter;
  /** Absent outside stacks. */
  readonly layer?: number;
  readonly shape: readonly number[];
}

/** Fills `{i}` of a parameter name. Without a layer the name is returned as it is. */
export function fillLayer(name: string, layer: number | undefined): string {
  return layer === undefined ? name : name.replaceAll("{i}", String(layer));
}

/** The spaces of an axis in storage order; one unless the axis is fused. */
export function axisSpaces(axis: Axis): readonly string[] {
  return typeof axis.space === "string" ? [axis.space] : axis.space;
}

/** The spaces of a parameter's axes of a role. */
export function roleSpaces({ axes }: Pick<Parameter, "axes">, role: Role): readonly string[] {
  return axes.flatMap((axis) => (axis.role === role ? axisSpaces(axis) : []));
}

/** A space by name. Throws `layout/unknown-space`. */
export function spaceOf(layout: Layout, name: string): Space {
  const space = layout.spaces[name];
  if (space === undefined) {
    const known = Object.keys(layout.spaces).join(", ");
    throw new LayoutError(
      "layout/unknown-space",
      `The layout of ${layout.className} uses the space "${name}", which it does not define; it defines ${known}.`,
      { expected: known, actual: name },
    );
  }
  return space;
}

/** The number of heads of a space that is a product: its units by all factors but the last. */
export function headCount({ factors = [] }: Pick<Space, "factors">): number {
  return factors.slice(0, -1).reduce((count, { size }) => count * size, 1);
}

/** The stack of a parameter, if it stands in one. Throws `layout/unknown-stack`. */
export function stackOf(layout: Layout, parameter: Parameter): Stack | undefined {
  if (parameter.stack === undefined) return undefined;
  const stack = layout.stacks[parameter.stack];
  if (stack === undefined) {
    throw new LayoutError(
      "layout/unknown-stack",
      `"${parameter.name}" stands in the stack "${parameter.stack}", which the layout of ${layout.className} does not define.`,
      {
        tensor: parameter.name,
        expected: Object.keys(layout.stacks).join(", "),
        actual: parameter.stack,
      },
    );
  }
  return stack;
}

/** Shape of one tensor of a parameter. A fused axis is as long as its spaces together. */
export function parameterShape(layout: Layout, parameter: Parameter): readonly number[] {
  return parameter.axes.map((axis) =>
    axisSpaces(axis).reduce((size, name) => size + spaceOf(layout, name).size, 0),
  );
}

/** The layers that have a parameter of a stack. */
export function presentLayers(layout: Layout, parameter: Parameter): readonly number[] {
  const layers = stackOf(layout, parameter)?.layers ?? 0;
  return Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => parameter.absentIn?.includes(layer) !== true,
  );
}

/** The tensors of one parameter: one per layer of its stack that has it, or one. */
export function expandParameter(layout: Layout, parameter: Parameter): readonly LayoutTensor[] {
  const shape = parameterShape(layout, parameter);
  if (parameter.stack === undefined) return [{ name: parameter.name, parameter, shape }];
  return presentLayers(layout, parameter).map((layer) => ({
    name: fillLayer(parameter.name, layer),
    parameter,
    layer,
    shape,
  }));
}

/** Every tensor of a layout, tied ones and mirrors included, in the order of its parameters, layer by layer. */
export function expandLayout(layout: Layout): readonly LayoutTensor[] {
  return layout.parameters.flatMap((parameter) => expandParameter(layout, parameter));
}

/** Whether a parameter has numbers of its own: it is neither tied to another nor a copy of one. */
export function isOwned(parameter: Parameter): boolean {
  return parameter.tiedTo === undefined && parameter.mirrorOf === undefined;
}

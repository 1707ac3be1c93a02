import type { Axis, Parameter, Role } from "../layout.js";

/** One axis of a parameter. A fused axis lists its spaces in order. */
export function axis(space: string | readonly string[], role: Role): Axis {
  return { space, role };
}

/** A parameter outside stacks. Matrices and tables start `normal` and decay; say so where something else holds. */
export function parameter(
  name: string,
  axes: readonly Axis[],
  more: Partial<Omit<Parameter, "name" | "axes">> = {},
): Parameter {
  return { name, axes, initial: "normal", decay: true, ...more };
}

/** Options of {@link linearLayer} and {@link conv1dLayer}. */
export interface LinearLayerOptions {
  /** Whether the layer has a bias. Default true. */
  readonly bias?: boolean;
}

/**
 * A linear layer as PyTorch's `nn.Linear` stores it: `weight` [out, in] and `bias` [out].
 *
 * @param out the axis it writes
 * @param input the axis it reads
 */
export function linearLayer(
  name: string,
  out: Axis,
  input: Axis,
  options: LinearLayerOptions = {},
): readonly Parameter[] {
  return [parameter(`${name}.weight`, [out, input]), ...biasOf(name, out, options)];
}

/** A linear layer as the `Conv1D` of GPT-2 stores it: `weight` [in, out] and `bias` [out]. */
export function conv1dLayer(
  name: string,
  out: Axis,
  input: Axis,
  options: LinearLayerOptions = {},
): readonly Parameter[] {
  return [parameter(`${name}.weight`, [input, out]), ...biasOf(name, out, options)];
}

function biasOf(name: string, out: Axis, { bias = true }: LinearLayerOptions): Parameter[] {
  return bias ? [parameter(`${name}.bias`, [out], { initial: "zeros", decay: false })] : [];
}

/** Options of {@link normLayer}. */
export interface NormLayerOptions {
  /** Marks the last norm before a readout that is tied to the embedding. */
  readonly readout?: boolean;
  /** `rms`: no mean is taken, and there is no bias. Default `centred`. */
  readonly kind?: "centred" | "rms";
  /** Default as the kind has it. */
  readonly bias?: boolean;
  /** Whether the stored gain is one less than the gain (Gemma). Default false. */
  readonly minusOne?: boolean;
}

/** A norm over a space: `weight` and, of a centred one, `bias` of its size. */
export function normLayer(
  name: string,
  space: string,
  options: NormLayerOptions = {},
): readonly Parameter[] {
  const { kind = "centred", bias = kind === "centred", minusOne = false } = options;
  const extra = { decay: false, ...(options.readout === true ? { readout: true as const } : {}) };
  const start = minusOne ? { initial: "zeros" as const, offset: 1 } : { initial: "ones" as const };
  return [
    parameter(`${name}.weight`, [axis(space, "elem")], { ...start, norm: kind, ...extra }),
    ...(bias
      ? [parameter(`${name}.bias`, [axis(space, "elem")], { initial: "zeros", ...extra })]
      : []),
  ];
}

/** An embedding table [entries, size of `space`]: entries have one number in source and target. */
export function embeddingTable(name: string, entries: string, space: string = "embed"): Parameter {
  return parameter(name, [axis(entries, "fixed"), axis(space, "out")]);
}

/** The same parameters, one per layer of a stack; their names hold `{i}`. */
export function inStack(stack: string, parameters: readonly Parameter[]): readonly Parameter[] {
  return parameters.map((one) => ({ ...one, stack }));
}

import type { Layout } from "../layout/layout.js";
import { parameterCount } from "./estimates.js";

/** Sizes of a model that say at a glance how large it is. */
export interface ModelSize {
  /** Layers of all stacks. */
  readonly layers: number;
  /** Units of the residual stream; 0 where no space is called `embed`. */
  readonly width: number;
  readonly parameters: number;
}

/** Sizes of a model by its layout. */
export function modelSize(layout: Layout): ModelSize {
  const stacks = Object.values(layout.stacks);
  return {
    layers: stacks.reduce((sum, { layers }) => sum + layers, 0),
    width: layout.spaces["embed"]?.size ?? 0,
    parameters: parameterCount(layout),
  };
}

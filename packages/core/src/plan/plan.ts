import type { Layout, Parameter } from "../layout/layout.js";
import type { LayerList } from "./layer-list.js";

/** The treatment of tied parameters: kept tied, or untied in the target (a tied source, an untied target config). */
export type TiePolicy = "keep" | "untie";

/** One tensor of the target and what it is made of. */
export interface PlannedTensor {
  /** Canonical name of the target tensor, layer filled in. */
  readonly name: string;
  readonly parameter: Parameter;
  /** The source parameter it is made of, where that is not the same as `parameter` (another tie, another size). */
  readonly sourceParameter?: Parameter;
  readonly layer?: number;
  readonly shape: readonly number[];
  readonly sourceShape: readonly number[];
  /** Canonical names of the source tensors: one per source layer, or one. */
  readonly sources: readonly string[];
}

/** Source layout and target layout, checked against each other. */
export interface Plan {
  readonly architecture: string;
  readonly source: Layout;
  readonly target: Layout;
  readonly tensors: readonly PlannedTensor[];
  /** Source parameters the target class has no place for. */
  readonly dropped: readonly string[];
  /** The source layer of every target layer, where a list gives it. */
  readonly layers?: LayerList;
}

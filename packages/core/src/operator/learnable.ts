import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { keptUnits } from "../plan/select-units.js";
import { operatorTensors, type OperatorTensorsOptions } from "./operator-tensors.js";
import type { OperatorForm } from "./operator.js";

/** The rows of an operator tensor that are learned: those from `frozenRows` on. */
export interface LearnableTensor {
  /** All rows, frozen ones included. */
  readonly rows: number;
  readonly columns: number;
  /** Rows at the top that stay as they are; equal to `rows` where nothing is learned. */
  readonly frozenRows: number;
}

/** The part of an operator that is learned: depth matrices (and those that mix kinds) alone, width (and reading) maps alone, or both. */
export type OperatorPart = "all" | "depth" | "width";

export interface LearnableOptions extends OperatorTensorsOptions {
  /**
   * Whether width maps are [I; C] with the identity frozen, or the names of those that are. Default: as published, so true
   * unless the form is `source-layer` (the paper learns full matrices) or `separateRead` is set (copies and their divisors are
   * learned). A map whose old units do not all stay in place (larger heads) is learned whole.
   */
  readonly identityBlock?: boolean | ReadonlySet<string>;
  /** Default `all`. */
  readonly learn?: OperatorPart;
}

/**
 * The learnable rows of every tensor of an operator, by name. Depth matrices are learned whole. A space that keeps its size
 * keeps its units: its maps are not learned, so growth in depth alone learns depth alone.
 */
export function learnableTensors(
  plan: Plan,
  form: OperatorForm,
  options: LearnableOptions = {},
): ReadonlyMap<string, LearnableTensor> {
  const separate = options.separateRead ?? false;
  const hasRead = typeof separate === "boolean" ? separate : separate.size > 0;
  const identityBlock = options.identityBlock ?? (form.widthScope !== "source-layer" && !hasRead);
  const { learn = "all" } = options;
  const spaces = plannedSpaces(plan);
  const staysInPlace = oncePerSpace();
  const learnable = new Map<string, LearnableTensor>();
  for (const [name, { rows, columns, kind, space = "" }] of operatorTensors(plan, form, options)) {
    const part = kind === "depth" || kind === "kinds" ? "depth" : "width";
    const hasBlock = typeof identityBlock === "boolean" ? identityBlock : identityBlock.has(name);
    const planned = spaces.get(space);
    const stays = planned === undefined || form.widthScope === "block" || staysInPlace(planned);
    const keeps = part === "width" && ((hasBlock && stays) || rows === columns);
    const frozenRows = learn !== "all" && learn !== part ? rows : keeps ? columns : 0;
    learnable.set(name, { rows, columns, frozenRows });
  }
  return learnable;
}

/** {@link isPrefix}, once a space, as every layer asks for the same ones. */
function oncePerSpace(): (space: PlannedSpace) => boolean {
  const known = new Map<PlannedSpace, boolean>();
  return (space) => {
    const found = known.get(space) ?? isPrefix(space);
    known.set(space, found);
    return found;
  };
}

/** Whether all old units of a space stay in the places that they had. */
function isPrefix(space: PlannedSpace): boolean {
  return keptUnits(space).every(([unit, ...others], row) =>
    row < space.oldSize ? unit === row && others.length === 0 : unit === undefined,
  );
}

import { stackOf } from "../layout/layout-names.js";
import { OperatorError } from "../errors/operator-error.js";
import { blockSpace, stackBlocks } from "./blocks.js";
import type { OperatorForm } from "./operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";

/** Shape and purpose of one operator tensor. */
export interface OperatorTensorInfo {
  readonly rows: number;
  readonly columns: number;
  readonly kind: Side | "depth" | "kinds";
  /** The space a map belongs to; with `block` scope the residual stream. */
  readonly space?: string;
  /** The parameter name with `{i}` a `depth` matrix, or the coefficient of a parameter outside stacks, belongs to. */
  readonly parameter?: string;
  /** The layer of a map of a layered space, counted as the form's width scope says. */
  readonly layer?: number;
  /** The stack of a `depth` or `kinds` matrix; absent for the coefficient of a parameter outside stacks. */
  readonly stack?: string;
  /** Index of the term of the sum. */
  readonly term: number;
}

export interface OperatorTensorsOptions {
  /** Adds `read` maps for the spaces that are read: all of them, or those named. Default none. */
  readonly separateRead?: boolean | ReadonlySet<string>;
  /** Adds `elem` maps, of what scales a space per channel, for the spaces that are named. Default none. */
  readonly separateElem?: ReadonlySet<string>;
  /**
   * Whether a space that carries another one has a `width` map of its own. Default false: it is the other's, spread over the
   * heads that share it.
   */
  readonly carried?: boolean;
  /** Number of terms of the sum. Default 1. */
  readonly terms?: number;
  /** Adds coefficients for parameters outside stacks: all of them, or those named. Default none. */
  readonly outsideStacks?: boolean | ReadonlySet<string>;
}

/** The sides of a width map. */
export type Side = "width" | "read" | "elem";

/** Name of a map of a space. */
export function mapName(term: number, side: Side, space: string, layer?: number): string {
  const suffix = layer === undefined ? "" : `.${layer}`;
  return `${termPrefix(term)}${side}.${space}${suffix}`;
}

/** Name of the depth matrix of a parameter (its name with `{i}`). */
export function depthName(term: number, parameter: string): string {
  return `${termPrefix(term)}depth.${parameter}`;
}

/** Name of the matrix that mixes the blocks of a stack's layers. */
export function kindsName(term: number, stack: string): string {
  return `${termPrefix(term)}kinds.${stack}`;
}

/** The name that maps of `block` scope have in place of a space. */
export const BLOCK = "block";

function termPrefix(term: number): string {
  return term === 0 ? "" : `term.${term}.`;
}

/**
 * The form with the given width scope: `source-layer` mixes depth after width (the paper's equations), the others
 * before (the published code).
 */
export function operatorForm(widthScope: OperatorForm["widthScope"]): OperatorForm {
  return {
    order: widthScope === "source-layer" ? "width-then-depth" : "depth-then-width",
    widthScope,
  };
}

/** Refuses a form whose order does not go with its width scope: `operator/form`. */
export function checkForm(form: OperatorForm): void {
  if (form.widthScope === "model" || operatorForm(form.widthScope).order === form.order) return;
  const expected = operatorForm(form.widthScope).order;
  throw new OperatorError(
    "operator/form",
    `One width map per ${form.widthScope.replace("-", " ")} goes with the order ${expected}, not ${form.order}.`,
    { expected, actual: form.order },
  );
}

/**
 * Every tensor a full operator of this form holds, by name. Each space that grows and is used by the target has a map,
 * an identity where its size stays; each parameter of a stack has a depth matrix.
 */
export function operatorTensors(
  plan: Plan,
  form: OperatorForm,
  options: OperatorTensorsOptions = {},
): ReadonlyMap<string, OperatorTensorInfo> {
  checkForm(form);
  const tensors = new Map<string, OperatorTensorInfo>();
  const isBlock = form.widthScope === "block";
  const spaces = isBlock
    ? [{ ...blockSpace(plan), name: BLOCK }]
    : [...plannedSpaces(plan).values()].filter(({ space }) => space.grows);
  for (let term = 0; term < (options.terms ?? 1); term++) {
    for (const space of spaces) {
      const sides = mapSides(space, options);
      const own = isBlock ? blockSpace(plan).name : space.name;
      const shape = { rows: space.newSize, columns: space.oldSize, space: own, term };
      for (const kind of sides) {
        for (const layer of mapLayers(plan, space, form.widthScope)) {
          const info = layer === undefined ? { ...shape, kind } : { ...shape, kind, layer };
          tensors.set(mapName(term, kind, space.name, layer), info);
        }
      }
    }
    if (isBlock) {
      for (const [name, info] of kindTensors(plan, term)) tensors.set(name, info);
    }
    for (const { parameter, sources } of plan.tensors) {
      const stack = stackOf(plan.target, parameter);
      if (stack === undefined && !hasCoefficient(parameter.name, options)) continue;
      tensors.set(depthName(term, parameter.name), {
        rows: stack?.layers ?? 1,
        columns: sources.length,
        kind: "depth",
        parameter: parameter.name,
        ...(parameter.stack === undefined ? {} : { stack: parameter.stack }),
        term,
      });
    }
  }
  return tensors;
}

function kindTensors(plan: Plan, term: number): readonly (readonly [string, OperatorTensorInfo])[] {
  const { oldSize } = blockSpace(plan);
  return Object.keys(plan.target.stacks).map((stack) => {
    const count = stackBlocks(plan.source, stack, oldSize).length;
    return [kindsName(term, stack), { rows: count, columns: count, kind: "kinds", stack, term }];
  });
}

function mapSides(space: PlannedSpace, options: OperatorTensorsOptions): readonly Side[] {
  const { carried = false, separateElem } = options;
  return [
    ...(space.space.carries === undefined || carried ? (["width"] as const) : []),
    ...(hasRead(space, options) ? (["read"] as const) : []),
    ...(separateElem?.has(space.name) === true ? (["elem"] as const) : []),
  ];
}

function hasRead(space: PlannedSpace, { separateRead }: OperatorTensorsOptions): boolean {
  if (!space.isRead || separateRead === undefined) return false;
  return typeof separateRead === "boolean" ? separateRead : separateRead.has(space.name);
}

function hasCoefficient(name: string, { outsideStacks = false }: OperatorTensorsOptions): boolean {
  return typeof outsideStacks === "boolean" ? outsideStacks : outsideStacks.has(name);
}

/** The layers a space has maps for; one `undefined` where one map serves all layers. */
function mapLayers(
  plan: Plan,
  space: PlannedSpace,
  scope: OperatorForm["widthScope"],
): readonly (number | undefined)[] {
  if (space.stack === undefined || scope === "model" || scope === "block") return [undefined];
  const layout = scope === "target-layer" ? plan.target : plan.source;
  return Array.from({ length: layout.stacks[space.stack]?.layers ?? 0 }, (_, layer) => layer);
}

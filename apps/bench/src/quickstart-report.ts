import { type CurvePoint, type ModelSize, reach, type Report, sizeText } from "@ligo/report";
import type { Size } from "./experiments/models.js";
import type { QuickstartRecipe } from "./quickstart-recipe.js";

/** Held-out losses of the three models. */
export interface QuickstartCurves {
  readonly small: readonly CurvePoint[];
  /** Growth included. */
  readonly grown: readonly CurvePoint[];
  readonly scratch: readonly CurvePoint[];
}

/** Savings, as shares of scratch's cost; null if the grown model never reached scratch's final held-out loss. */
export interface QuickstartSavings {
  /** FLOPs saved to reach scratch's final held-out loss, growth included. */
  readonly saving: number | null;
  /** The same with the small model's training charged too. */
  readonly savingWithSmall: number | null;
  /** The same as `saving`, in seconds. */
  readonly savingInTime: number | null;
}

/** Costs of growing, and held-out losses right after it. */
export interface QuickstartGrowth {
  readonly flops: number;
  readonly seconds: number;
  readonly heldOutLoss: number;
  /** Loss of the same target, stacked instead. */
  readonly stackedHeldOutLoss: number;
}

/** Outcome of a quickstart. FLOPs are those of the matrix products executed. */
export interface QuickstartResult extends QuickstartSavings {
  readonly seed: number;
  readonly machine: string;
  readonly recipe: QuickstartRecipe;
  readonly growth: QuickstartGrowth;
  readonly curves: QuickstartCurves;
}

export const tera = (flops: number): string => (flops / 1e12).toFixed(2);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const shape = ({ layers, hidden }: Size): string => `${layers} layers x ${hidden}`;

const modelSize = ({ hidden, layers }: Size): ModelSize => ({ layers, width: hidden });

/** The newest point of a curve. */
export function lastPoint(curve: readonly CurvePoint[]): CurvePoint {
  return curve[curve.length - 1] as CurvePoint;
}

/** Savings at scratch's final held-out loss. */
export function savingsOf({ grown, scratch, small }: QuickstartCurves): QuickstartSavings {
  const end = lastPoint(scratch);
  const reached = reach(grown, end.loss);
  if (!reached) return { saving: null, savingWithSmall: null, savingInTime: null };
  return {
    saving: 1 - reached.flops / end.flops,
    savingWithSmall: 1 - (reached.flops + lastPoint(small).flops) / end.flops,
    savingInTime: 1 - reached.seconds / end.seconds,
  };
}

/** The sentence a reader takes away. */
export function headline({ saving, savingWithSmall, curves }: QuickstartResult): string {
  const loss = lastPoint(curves.scratch).loss.toFixed(3);
  if (saving === null || savingWithSmall === null) {
    return `Growing saved nothing here: the grown model did not reach scratch's final held-out loss ${loss}.`;
  }
  return `Growing saved ${percent(saving)} of the FLOPs to reach scratch's final held-out loss ${loss}, growth included; ${percent(savingWithSmall)} with the whole training of the small model charged too.`;
}

/** The report of a quickstart. */
export function quickstartReport(result: QuickstartResult): Report {
  const { curves, growth, recipe } = result;
  const [small, scratch, grown] = [curves.small, curves.scratch, curves.grown].map(lastPoint) as [
    CurvePoint,
    CurvePoint,
    CurvePoint,
  ];
  const reached = reach(curves.grown, scratch.loss);
  const cost = (point: { flops: number; seconds: number }, steps: number): string[] => [
    steps.toFixed(0),
    tera(point.flops),
    point.seconds.toFixed(1),
  ];
  const sizes = { small: modelSize(recipe.small), large: modelSize(recipe.large) };
  const start = (curve: readonly CurvePoint[]): string => (curve[0] as CurvePoint).loss.toFixed(3);
  return {
    title: `From scratch, grown with LiGO: BERT, ${sizeText(sizes.small)} → ${sizeText(sizes.large)}`,
    kind: "quickstart",
    growth: sizes,
    headline: headline(result),
    curves: [
      { name: "from scratch", points: curves.scratch },
      { name: "grown with LiGO", points: curves.grown },
    ],
    targetLoss: scratch.loss,
    tables: [
      {
        caption: "Cost to reach scratch's final held-out loss",
        rows: [
          ["", "steps", "TFLOP", "seconds"],
          ["from scratch", ...cost(scratch, scratch.step)],
          [
            "grown, growth included",
            ...(reached ? cost(reached, reached.step) : ["not reached", "-", "-"]),
          ],
          ["of which growth", ...cost(growth, recipe.growth.steps)],
          ["the small model's whole training", ...cost(small, small.step)],
        ],
      },
      {
        caption: "Held-out loss",
        rows: [
          ["", "before training", "after training"],
          ["small model", start(curves.small), small.loss.toFixed(3)],
          ["from scratch", start(curves.scratch), scratch.loss.toFixed(3)],
          ["grown with LiGO", start(curves.grown), grown.loss.toFixed(3)],
          ["grown by stacking", growth.stackedHeldOutLoss.toFixed(3), "not trained"],
        ],
      },
    ],
    notes: [
      "FLOPs are those of the matrix products each step executes (2 m n k), counted from the graphs that ran; evaluation is free for all.",
      "Seconds are those of growing and of the training steps; both models trained one after the other in one process.",
      `One seed (${result.seed}) and a model of toy size. ${result.machine}.`,
    ],
  };
}

import {
  elementCount,
  estimateFlops,
  growthCosts,
  parameterCount,
  plannedSpaces,
  type Axis,
  type FlopsOptions,
  type GrowthCosts,
  type Layout,
  type MethodName,
  type Plan,
  type RawConfig,
  type WidthScope,
} from "@ligo/core";
import {
  activationBytes,
  largestBatch,
  total,
  type ActivationBytes,
  type PlannedUse,
} from "@ligo/core/cost";
import { axisSpaces, parameterShape, writtenTensors } from "@ligo/core/layout";
import { layersText, startingOperator } from "@ligo/core/methods";
import type { RowGrowth } from "@ligo/core/stream";
import { expressions, operatorForm, operatorTensors, type Expression } from "@ligo/core/operator";
import { candidatesOf, namedCandidate } from "./growth/probe/candidates.js";
import type { ProbedStart } from "./growth/probe/facts.js";
import { rowFacts, type RowFacts } from "./growth/row-facts.js";
import type { TargetModel } from "./growth/target-model.js";
import type { ModelSpec } from "./models/model-spec.js";
import type { CheckedPlanSettings } from "./settings/types.generated.js";

/** One of the two models of a growth. */
interface SideReport {
  readonly class: string;
  readonly parameters: number;
  readonly layers: Readonly<Record<string, number>>;
  /** Floating-point operations of the matrix products of one step. */
  readonly flops: { readonly forward: number; readonly training: number };
}

/** Tensors of the target of one kind: a parameter, in every layer it has. */
interface TensorReport {
  readonly name: string;
  readonly layers: number;
  readonly shape: readonly number[];
  readonly source: string;
  readonly sourceLayers: number;
  readonly sourceShape: readonly number[];
  /** Per axis the operator tensors that grow it, or `rows.` and the space; null where it does not grow. */
  readonly maps: readonly (string | null)[];
  readonly depth: string | null;
}

/** Floating-point operations of a learning step, in the planned orders and where every grown weight is built. */
interface LearningReport {
  readonly flops: number;
  readonly naiveFlops: number;
  /** Of both, what attention itself costs. */
  readonly attentionFlops: number;
  readonly products: readonly {
    readonly parameter: string;
    readonly layers: number;
    readonly order: PlannedUse["order"];
    readonly flops: number;
    readonly naiveFlops: number;
  }[];
}

/** Sequences of a step that fit a device. */
interface FittingBatches {
  /** With all activations kept, and with those between layers computed anew (`checkpointActivations`). */
  readonly kept: number;
  readonly recomputed: number;
}

/** The largest batches of a device, 0 where not one sequence fits. */
interface DeviceFit {
  /** Memory of the device. */
  readonly bytes: number;
  readonly learn: FittingBatches;
  readonly train: FittingBatches;
}

/** What `grow` does where no method is named. */
interface MethodsReport {
  /** The start without data, and whether it keeps the function. */
  readonly withoutData: MethodName;
  readonly keepsFunction: boolean;
  /** Starts that a probe chooses from with data, in order of preference, and where their learning starts from. */
  readonly withData: readonly Pick<ProbedStart, "method" | "start">[];
}

/** A growth, as headers and configs tell it. */
export interface PlanReport {
  readonly architecture: string;
  readonly checkpoint: string;
  readonly parameters: { readonly source: number; readonly target: number };
  readonly source: SideReport;
  readonly target: SideReport;
  readonly spaces: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Keys of the target's config that a word, or a number of parameters, stands for. */
  readonly to?: RawConfig;
  /** Source layer of every target layer, where a list gives it. */
  readonly layers?: string;
  /** Tables that have other rows than the source's: tokens, learned positions. */
  readonly rows: readonly RowFacts[];
  readonly tensors: readonly TensorReport[];
  /** Source parameters the target has no place for. */
  readonly dropped: readonly string[];
  /** Stored tensors that are not read: copies, tied ones, buffers, heads the class lacks. */
  readonly ignored: readonly string[];
  readonly operator: { readonly form: WidthScope; readonly learnableValues: number };
  /** Methods that `grow` takes where none is named. */
  readonly methods: MethodsReport;
  readonly step: { readonly batch: number; readonly sequence: number };
  /** How a step of learning the operator forms its products with grown weights, and what that costs. */
  readonly learning: LearningReport;
  /** Bytes of weights, gradients and moments; what the activations take comes on top. */
  readonly memory: { readonly grow: number; readonly learn: number; readonly train: number };
  /** Bytes of the activations of a step of that many sequences, estimated. */
  readonly activations: ActivationBytes;
  /** What fits devices of several sizes. */
  readonly devices: readonly DeviceFit[];
  /** Bytes of the written weights, and of the operator beside them. */
  readonly disk: { readonly weights: number; readonly operator: number };
}

/** A growth that is planned, as its report reads it. */
export interface PlannedGrowth {
  readonly source: {
    readonly spec: ModelSpec;
    /** Stored tensors that are not read. */
    readonly ignored: readonly string[];
    readonly checkpoint: { readonly folder: string; readonly dtype: string };
  };
  readonly target: TargetModel;
  readonly plan: Plan;
  readonly rows: readonly RowGrowth[];
}

/** Settings that a report depends on. */
export type ReportSettings = Pick<CheckedPlanSettings, "batch" | "form" | "sequence" | "start">;

/** Share of the tokens that masked language modelling labels. */
const LABELLED = 0.15;
/** Whether a class learns from every token. */
const isCausal = (className: string): boolean => /LMHead|ForCausalLM/u.test(className);
const FLOAT_BYTES = 4;

/** What a growth takes, from its plan alone. */
export function reportPlan(
  { plan: planned, rows, source, target }: PlannedGrowth,
  { batch, form, sequence: asked, start }: ReportSettings,
): PlanReport {
  const sequence = plannedSequence(asked, target.layout);
  const work: FlopsOptions = {
    tokens: batch * sequence,
    sequence,
    labelledFraction: isCausal(target.className) ? 1 : LABELLED,
  };
  const side = (className: string, layout: Layout): SideReport => ({
    class: className,
    parameters: parameterCount(layout),
    layers: Object.fromEntries(
      Object.entries(layout.stacks).map(([name, { layers }]) => [name, layers]),
    ),
    flops: estimateFlops(layout, work),
  });
  const small = side(source.spec.className, source.spec.layout);
  const large = side(target.className, target.layout);
  const costs = growthCosts(planned, form, work, startingOperator(planned, { form, start }));
  const candidates = candidatesOf(planned, target.architecture);
  const elementBytes =
    source.checkpoint.dtype === "F16" || source.checkpoint.dtype === "BF16" ? 2 : 4;
  return {
    architecture: planned.architecture,
    checkpoint: source.checkpoint.folder,
    parameters: { source: small.parameters, target: large.parameters },
    source: small,
    target: large,
    spaces: [...plannedSpaces(planned).values()].map(({ name, oldSize, newSize }) => ({
      name,
      from: source.spec.layout.spaces[name]?.size ?? oldSize,
      to: newSize,
    })),
    rows: rows.map(rowFacts),
    ...(target.chosen === undefined ? {} : { to: target.chosen }),
    ...(planned.layers === undefined ? {} : { layers: layersText(planned.layers) }),
    tensors: tensorReports(planned, form, rows, source.spec.layout),
    dropped: planned.dropped,
    ignored: source.ignored,
    operator: { form, learnableValues: costs.learnableValues },
    methods: {
      withoutData: candidates.keeper,
      keepsFunction: candidates.keeps,
      withData: candidates.starts.map((method) => namedCandidate(candidates, method)),
    },
    step: { batch, sequence },
    learning: learningReport(costs),
    memory: costs.memory,
    activations: activationBytes(target.layout, work),
    devices: DEVICES.map((bytes) => deviceFit(bytes, costs.memory, target.layout, work)),
    disk: {
      weights:
        elementBytes * total(writtenTensors(target.layout).map(({ shape }) => elementCount(shape))),
      operator:
        FLOAT_BYTES *
        total([...costs.learnables.values()].map(({ rows, columns }) => rows * columns)),
    },
  };
}

/** Memory of common graphics cards. */
const DEVICES = [8e9, 16e9, 24e9] as const;

/** Learning and training run the target forward and back: their activations are the same. */
function deviceFit(
  bytes: number,
  memory: GrowthCosts["memory"],
  target: Layout,
  work: FlopsOptions,
): DeviceFit {
  const { kept, recomputed } = activationBytes(target, { ...work, tokens: work.sequence });
  const batches = (state: number): FittingBatches => ({
    kept: largestBatch(bytes, state, kept),
    recomputed: largestBatch(bytes, state, recomputed),
  });
  return { bytes, learn: batches(memory.learn), train: batches(memory.train) };
}

function learningReport(costs: GrowthCosts): LearningReport {
  return {
    flops: costs.flops,
    naiveFlops: costs.naiveFlops,
    attentionFlops: costs.attentionFlops,
    products: costs.products.map(({ parameter, layers, order, flops, naiveFlops }) => ({
      parameter,
      layers,
      order,
      flops,
      naiveFlops,
    })),
  };
}

function tensorReports(
  planned: Plan,
  form: WidthScope,
  rows: readonly RowGrowth[],
  source: Layout,
): readonly TensorReport[] {
  const names = operatorTensors(planned, operatorForm(form));
  const all = expressions(planned, {
    ...operatorForm(form),
    terms: 1,
    has: (name) => names.has(name),
  });
  return planned.tensors.flatMap((tensor, index) => {
    if ((tensor.layer ?? 0) > 0) return [];
    const expression = all[index] as Expression;
    const from = tensor.sourceParameter ?? tensor.parameter;
    return [
      {
        name: tensor.parameter.name,
        layers: planned.tensors.filter(({ parameter }) => parameter === tensor.parameter).length,
        shape: tensor.shape,
        source: from.name,
        sourceLayers: tensor.sources.length,
        sourceShape: parameterShape(source, from),
        maps: axisMaps(expression).map((map, axis) => map ?? rowsOf(from.axes[axis], rows)),
        depth: expression.terms[0]?.depth?.tensor ?? null,
      },
    ];
  });
}

/** The rows that an axis grows by, as `rows.vocab`. */
function rowsOf(axis: Axis | undefined, rows: readonly RowGrowth[]): string | null {
  const spaces = axis === undefined ? [] : axisSpaces(axis);
  const grown = rows.find(({ space }) => spaces.includes(space));
  return grown === undefined ? null : `rows.${grown.space}`;
}

/** Names of the maps of each axis, with `{i}` for the layer. */
function axisMaps(expression: Expression): readonly (string | null)[] {
  const axes = expression.terms[0]?.axes ?? [];
  return axes.map((segments) => {
    const maps = segments?.flatMap(({ map }) => {
      const first = typeof map === "string" ? map : map?.[0];
      return first === undefined ? [] : [first.replace(/\.0$/, ".{i}")];
    });
    return maps === undefined || maps.length === 0 ? null : maps.join(" + ");
  });
}

/**
 * Tokens of a sequence as planning, which loads no model, estimates them: those asked for, at most the positions of a
 * model of text; all positions of a model of anything else.
 */
function plannedSequence(sequence: number, { spaces }: Layout): number {
  const positions = spaces["position"]?.size ?? sequence;
  return "vocab" in spaces ? Math.min(sequence, positions) : positions;
}

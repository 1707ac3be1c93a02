import {
  elementCount,
  estimateFlops,
  expressions,
  growthCosts,
  operatorForm,
  operatorTensors,
  parameterCount,
  plannedSpaces,
  total,
  writtenTensors,
  type Expression,
  type FlopsOptions,
  type GrowthCosts,
  type Layout,
  type Plan,
  type PlannedUse,
  type WidthScope,
} from "@ligo/core";
import { GROW_DEFAULTS } from "../grow-defaults.js";
import { plannedSequence } from "../models/model-limits.js";
import { openGrowth, type Growth, type GrowthOptions } from "./open-growth.js";

export interface PlanGrowthOptions extends GrowthOptions {
  /** Sequences of a step, for the estimates. Default 32. */
  readonly batch?: number | undefined;
  /** Tokens of a sequence. Default 128, at most what the model has positions for. */
  readonly sequence?: number | undefined;
  /** Form of the operator. Default `target-layer`. */
  readonly form?: WidthScope | undefined;
}

interface SideReport {
  readonly class: string;
  readonly parameters: number;
  readonly layers: Readonly<Record<string, number>>;
  /** Floating-point operations of the matrix products of one step. */
  readonly flops: { readonly forward: number; readonly training: number };
}

/** One kind of tensor of the target: a parameter, in every layer it has. */
interface TensorReport {
  readonly name: string;
  readonly layers: number;
  readonly shape: readonly number[];
  readonly source: string;
  readonly source_layers: number;
  readonly source_shape: readonly number[];
  /** Per axis the operator tensors that grow it; null where it does not grow. */
  readonly maps: readonly (string | null)[];
  readonly depth: string | null;
}

/** Floating-point operations of a learning step, in the planned orders and where every grown weight is built. */
interface LearningReport {
  readonly flops: number;
  readonly naive_flops: number;
  /** Of both, what attention itself costs. */
  readonly attention_flops: number;
  readonly products: readonly {
    readonly parameter: string;
    readonly layers: number;
    readonly order: PlannedUse["order"];
    readonly flops: number;
    readonly naive_flops: number;
  }[];
}

/** What `ligo plan` finds out, from headers only. */
export interface PlanReport {
  readonly architecture: string;
  readonly checkpoint: string;
  readonly source: SideReport;
  readonly target: SideReport;
  readonly spaces: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly tensors: readonly TensorReport[];
  /** Source parameters the target has no place for. */
  readonly dropped: readonly string[];
  /** Stored tensors that are not read: copies, tied ones, buffers, heads the class lacks. */
  readonly ignored: readonly string[];
  readonly operator: { readonly form: WidthScope; readonly learnable_values: number };
  readonly step: { readonly batch: number; readonly sequence: number };
  /** How a step of learning the operator forms its products with grown weights, and what that costs. */
  readonly learning: LearningReport;
  /** Bytes of weights, gradients and moments; what the activations take comes on top. */
  readonly memory: { readonly grow: number; readonly learn: number; readonly train: number };
  /** Bytes of the written weights, and of the operator beside them. */
  readonly disk: { readonly weights: number; readonly operator: number };
}

/** Says what would be grown. Reads headers only and writes nothing. */
export async function planGrowth(options: PlanGrowthOptions): Promise<PlanReport> {
  const growth = await openGrowth({ ...options, headersOnly: true });
  try {
    return reportPlan(growth, options);
  } finally {
    await growth.source.close();
  }
}

/** Share of the tokens that masked language modelling labels. */
const LABELLED = 0.15;
/** Whether a class learns from every token. */
const isCausal = (className: string): boolean => /LMHead|ForCausalLM/u.test(className);
const FLOAT_BYTES = 4;

function reportPlan(growth: Growth, options: PlanGrowthOptions): PlanReport {
  const { source, target, plan } = growth;
  const form = options.form ?? GROW_DEFAULTS.form;
  const batch = options.batch ?? GROW_DEFAULTS.batch;
  const sequence = plannedSequence(options.sequence ?? GROW_DEFAULTS.sequence, target.layout);
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
  const costs = growthCosts(plan, form, work);
  const elementBytes =
    source.checkpoint.dtype === "F16" || source.checkpoint.dtype === "BF16" ? 2 : 4;
  return {
    architecture: plan.architecture,
    checkpoint: source.checkpoint.folder,
    source: small,
    target: large,
    spaces: [...plannedSpaces(plan).values()].map(({ name, oldSize, newSize }) => ({
      name,
      from: oldSize,
      to: newSize,
    })),
    tensors: tensorReports(plan, form),
    dropped: plan.dropped,
    ignored: source.ignored,
    operator: { form, learnable_values: costs.learnableValues },
    step: { batch, sequence },
    learning: learningReport(costs),
    memory: costs.memory,
    disk: {
      weights:
        elementBytes * total(writtenTensors(target.layout).map(({ shape }) => elementCount(shape))),
      operator:
        FLOAT_BYTES *
        total([...costs.learnables.values()].map(({ rows, columns }) => rows * columns)),
    },
  };
}

function learningReport(costs: GrowthCosts): LearningReport {
  return {
    flops: costs.flops,
    naive_flops: costs.naiveFlops,
    attention_flops: costs.attentionFlops,
    products: costs.products.map(({ parameter, layers, order, flops, naiveFlops }) => ({
      parameter,
      layers,
      order,
      flops,
      naive_flops: naiveFlops,
    })),
  };
}

function tensorReports(plan: Plan, form: WidthScope): readonly TensorReport[] {
  const names = operatorTensors(plan, operatorForm(form));
  const all = expressions(plan, {
    ...operatorForm(form),
    terms: 1,
    has: (name) => names.has(name),
  });
  return plan.tensors.flatMap((tensor, index) => {
    if ((tensor.layer ?? 0) > 0) return [];
    const expression = all[index] as Expression;
    return [
      {
        name: tensor.parameter.name,
        layers: plan.tensors.filter(({ parameter }) => parameter === tensor.parameter).length,
        shape: tensor.shape,
        source: (tensor.sourceParameter ?? tensor.parameter).name,
        source_layers: tensor.sources.length,
        source_shape: tensor.sourceShape,
        maps: axisMaps(expression),
        depth: expression.terms[0]?.depth?.tensor ?? null,
      },
    ];
  });
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

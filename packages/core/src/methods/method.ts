import { MethodError } from "../errors/method-error.js";
import type { Architecture } from "../layout/architecture.js";
import type { Layout } from "../layout/layout.js";
import { INITIAL_DEVIATION } from "../layout/initial-tensor.js";
import type { OperatorPart } from "../operator/learnable.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import type { StandardSchemaV1 } from "../standard-schema.js";
import type { ReadSource } from "../stream/read-source.js";
import { checkOptions } from "./check-options.js";
import type { KeptFunction } from "./kept-function.js";

/**
 * Schemas of a method's options, by the names of settings. Each knows its range and its default; those made with zod also
 * say in one sentence, as metadata, what they are.
 */
export type OptionSchemas<Options extends object> = {
  readonly [Name in keyof Options]-?: StandardSchemaV1<Options[Name] | undefined, Options[Name]>;
};

/** The facts of an architecture that a plan does not hold: whether the epsilon of its norms can be set. */
export type NormFacts = Pick<Architecture, "normEpsilon">;

/** Options of which some may be left out. */
export type GivenOptions<Options extends object> = {
  readonly [Name in keyof Options]?: Options[Name] | undefined;
};

/** Numbers that a method takes from the source's weights, or of data, by names of its own. */
export type Measured = ReadonlyMap<string, Matrix>;

/** A model, and those of its tensors whose gradients are asked for. */
export interface ProbedModel {
  readonly layout: Layout;
  /** By canonical name, as they are stored. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly wanted: readonly string[];
}

/** Left singular vectors of a matrix, one a row, by singular values that do not grow. */
export interface SingularVectors {
  readonly values: ArrayLike<number>;
  readonly vectors: Matrix;
}

/** What a method asks of data, and of software that this package does without. */
export interface DataProbe {
  /** Gradients of the loss on a batch, by the names of the tensors that are wanted. */
  gradients(model: ProbedModel): Promise<ReadonlyMap<string, Float32Array>>;
  singularVectors(matrix: Matrix): Promise<SingularVectors>;
}

/** Everything but the plan that an operator is made from. */
export interface MethodInput<Options extends object = object> {
  readonly random: Random;
  /** Options that are left out take their defaults. */
  readonly options?: GivenOptions<Options>;
  /** Standard deviation of weights that start from scratch: the target's `initializer_range`. Default 0.02. */
  readonly initialDeviation?: number | undefined;
  /** The numbers that the method's `measure` took from the source; needed where it has one. */
  readonly measured?: Measured | undefined;
}

/** The same, options checked and filled in. */
export interface MethodContext<Options extends object = object> {
  readonly random: Random;
  readonly options: Options;
  readonly initialDeviation: number;
  /** Empty where the method measures nothing. */
  readonly measured: Measured;
}

/** The facts about a method that need no plan. */
interface MethodFacts<Options extends object, Name extends string> {
  readonly name: Name;
  /** One sentence for help and docs. */
  readonly says: string;
  /** Citation. */
  readonly source: string;
  readonly options: OptionSchemas<Options>;
  /** The part of the operator that is then learned on data; `false` where the operator is final. */
  readonly learns: false | OperatorPart;
  /** `false` where a list of layers says nothing: none are copied, or the method says itself which. */
  readonly copiesLayers?: false;
  /** Whether `measure` asks data, so that the method cannot do without. Absent: it does not. */
  readonly asksData?: true;
  /**
   * Takes from the source's weights, or of data, what the operator needs beside the plan. Absent: it needs nothing of them.
   * `makeOperator` calls it where there is one.
   *
   * @param probe asks data; needed where the method does
   */
  measure?(plan: Plan, read: ReadSource, probe?: DataProbe): Promise<Measured>;
  /**
   * Whether the grown model computes what the source computes, up to rounding; once it is learned, where it learns. Config
   * keys that change the function at equal weights are not looked at.
   *
   * @param architecture says whether the epsilon of norms can be set. Default: it can
   * @param options those of the method; others may stand beside them. Default: their defaults
   */
  keepsFunction(
    plan: Plan,
    architecture?: NormFacts,
    options?: GivenOptions<Options>,
  ): KeptFunction;
  /** The same of the start that learning begins from, where it is known. */
  startKeepsFunction?(
    plan: Plan,
    architecture?: NormFacts,
    options?: GivenOptions<Options>,
  ): KeptFunction;
}

/**
 * A way to fill an operator: one value that describes itself. Proposition 1 of the LiGO paper, as code: every way to grow is
 * a function from a plan to an operator.
 */
export interface Method<
  Options extends object = object,
  Name extends string = string,
> extends MethodFacts<Options, Name> {
  /**
   * The operator, or the start that learning begins from. The same for the same random numbers.
   *
   * Throws `method/unknown-option`, `method/option`, `method/layers` where a list of layers says nothing, and `method/measured`
   * where numbers that it needs of the source are not given.
   */
  operator(plan: Plan, input: MethodInput<Options>): Operator;
}

/** A method as it is written down: its operator is asked for with all options. */
export interface MethodDefinition<Options extends object, Name extends string> extends MethodFacts<
  Options,
  Name
> {
  operator(plan: Plan, context: MethodContext<Options>): Operator;
}

/** Makes a method, which checks its options and fills in their defaults. A method from outside is used as any other. */
export function defineMethod<Options extends object, const Name extends string>(
  definition: MethodDefinition<Options, Name>,
): Method<Options, Name> {
  return Object.freeze({
    ...definition,
    operator: (
      plan: Plan,
      {
        initialDeviation = INITIAL_DEVIATION,
        measured,
        options = {},
        random,
      }: MethodInput<Options>,
    ) => {
      if (plan.layers !== undefined && definition.copiesLayers === false)
        throw noLayers(definition);
      if (definition.measure !== undefined && measured === undefined) throw unmeasured(definition);
      return definition.operator(plan, {
        random,
        options: checkOptions(definition, options),
        initialDeviation,
        measured: measured ?? new Map(),
      });
    },
  });
}

function noLayers({ name }: { readonly name: string }): MethodError {
  return new MethodError(
    "method/layers",
    `\`method: "${name}"\` takes no list of layers, so \`layers\` says nothing. Leave one of them out.`,
    { expected: "a method that takes a list of layers", actual: name },
  );
}

function unmeasured({ name }: { readonly name: string }): MethodError {
  return new MethodError(
    "method/measured",
    `\`method: "${name}"\` needs numbers of the source's weights. Make its operator by \`makeOperator\`, or give \`measured\`, ` +
      "which its `measure` returns.",
    { expected: "measured", actual: "absent" },
  );
}

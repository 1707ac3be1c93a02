import { elementCount, type Plan, type WidthScope } from "@ligo/core";
import { total } from "@ligo/core/cost";
import {
  expressions,
  learnableTensors,
  operatorForm,
  type Expression,
  type LearnableTensor,
} from "@ligo/core/operator";

/** Needs of a process of examples/learn-operator.py, from shapes alone; activations come on top. */
export interface ElsewhereCosts {
  /** Bytes that stay: the source, the operator with gradients and moments, and what layers are made of until they are. */
  readonly state: number;
  /** Bytes while the largest layer is built, with gradients. */
  readonly layer: number;
  /** Bytes that a process sends in a step, by rings. */
  readonly sent: number;
}

/** The processes, and whether they share source and operator (`--shard`). */
export interface Processes {
  readonly count: number;
  readonly shard: boolean;
  /** Parts that a process takes its share of a batch in. */
  readonly parts: number;
}

const FLOAT_BYTES = 4;
/** Operator tensors of fewer values are on every process. */
const TINY = 1024;

/** Costs of learning by the script, for an operator that starts as `ligo` does. */
export function elsewhereCosts(
  plan: Plan,
  form: WidthScope,
  { count, parts, shard }: Processes,
): ElsewhereCosts {
  const operator = learnableTensors(plan, operatorForm(form));
  const made = expressions(plan, {
    ...operatorForm(form),
    terms: 1,
    has: (name) => operator.has(name),
  });
  const isShared = shard && count > 1;
  const layers = layersOf(plan, made, operator);
  const learned = total([...operator.values()].map(learnedValues));
  // an identity is known by its size
  const frozen = total(
    [...operator.values()].map(({ columns, frozenRows }) =>
      frozenRows === columns ? 0 : frozenRows * columns,
    ),
  );
  const sources = new Map(
    made.map(({ parameter, sources: names, sourceShape }) => [
      parameter,
      names.length * elementCount(sourceShape),
    ]),
  );
  const kept = total([...sources.values()]) + 4 * learned;
  // mixtures of the source's layers, and their gradients
  const mixed = isShared
    ? 0
    : 2 * total(layers.filter(({ isLayer }) => isLayer).map(({ sourceValues }) => sourceValues));
  const outside = layers.find(({ isLayer }) => !isLayer);
  const state = (isShared ? kept / count : kept) + frozen + mixed + 2 * (outside?.grownValues ?? 0);
  const building = layers.map(
    ({ grownValues, maps, sourceValues }) =>
      // grown weights, gathered maps and their gradients, gathered sources
      2 * (grownValues + (isShared ? total([...maps].map(learnedValues)) : 0)) +
      (isShared ? sourceValues : 0),
  );
  const padded = (size: number): number => count * Math.ceil(size / count);
  const gathered = (layer: Layer): number =>
    total(
      [...layer.maps]
        .map(learnedValues)
        .filter((size) => size >= TINY)
        .map(padded),
    );
  const passes = layers.map((layer) => {
    const gradients = gathered(layer) + (layer.isLayer ? total(layer.sources.map(padded)) : 0);
    const whole = gathered(layer) + total(layer.sources.map(padded));
    // a layer is built once more for its backward pass
    return (layer.isLayer ? 2 : 1) * whole + gradients;
  });
  const ring = (count - 1) / count;
  const replicated = isShared
    ? total([...operator.values()].map(learnedValues).filter((size) => size < TINY))
    : learned;
  return {
    state: FLOAT_BYTES * state,
    layer: FLOAT_BYTES * Math.max(...building),
    sent: FLOAT_BYTES * ring * (2 * replicated + (isShared ? parts * total(passes) : 0)),
  };
}

/** Tensors of the target that are built together. */
interface Layer {
  readonly isLayer: boolean;
  /** Operator tensors that they are made by. */
  readonly maps: ReadonlySet<LearnableTensor>;
  /** Values of what each of them is made of, after depth. */
  readonly sources: readonly number[];
  readonly sourceValues: number;
  readonly grownValues: number;
}

const learnedValues = ({ columns, frozenRows, rows }: LearnableTensor): number =>
  (rows - frozenRows) * columns;

function layersOf(
  plan: Plan,
  made: readonly Expression[],
  operator: ReadonlyMap<string, LearnableTensor>,
): readonly Layer[] {
  const layerByName = new Map(plan.tensors.map(({ layer, name }) => [name, layer]));
  const layers = new Set(layerByName.values());
  return [...layers].map((layer) => {
    const members = made.filter(({ name }) => layerByName.get(name) === layer);
    const names = members.flatMap(({ terms }) => terms.flatMap(namesOf));
    const sources = members.flatMap(({ sourceShape, terms }) =>
      terms.map(() => elementCount(sourceShape)),
    );
    return {
      isLayer: layer !== undefined,
      maps: new Set(names.flatMap((name) => operator.get(name) ?? [])),
      sources,
      sourceValues: total(sources),
      grownValues: total(members.map(({ shape }) => elementCount(shape))),
    };
  });
}

function namesOf({ axes, depth }: Expression["terms"][number]): readonly string[] {
  const maps = axes.flatMap((segments) => (segments ?? []).flatMap(({ map }) => map ?? []));
  return depth === undefined ? maps : [depth.tensor, ...maps];
}

import { check, growSettings, trainSettings, type Fault } from "@ligo/sdk/settings";
import {
  methodsOf,
  SOURCE,
  type ComparedMethod,
  type Comparison,
  type DownstreamTask,
  type TrainingSettings,
} from "../comparison.js";
import { growthBy } from "../growth-settings.js";
import { faultsOf, locatedFault, under, type PathOf } from "./section.js";
import { tuningFaults } from "./tuning-faults.js";

/** A section of a recipe, and where it stands. */
interface Place {
  readonly path: string;
  readonly values: object;
}

/** Path of a setting: in the first of some sections that holds it, else in the first. */
const pathIn =
  (...places: readonly [Place, ...Place[]]): PathOf =>
  (name) => {
    const { path } = places.find(({ values }) => name in values) ?? places[0];
    return path === "" ? name : `${path}.${name}`;
  };

/**
 * Faults of settings that do not go together in one of the runs of a comparison, and settings of a row that nothing in it
 * reads; each is told once. A comparison's own `growth` may hold settings that only some of its methods read.
 *
 * @param rowsBefore rows before the first that the recipe has
 */
export function faultsTogether(comparison: Comparison, rowsBefore: number): readonly Fault[] {
  const { data, downstream = [], methods, source } = comparison;
  const pathOfRow = (index: number): string => `methods.${index - rowsBefore}`;
  const all = [
    ...tuningFaults(comparison, (index) => under(pathOfRow(index))),
    ...(typeof source === "string"
      ? []
      : faultsOfTraining(data, { path: "source.training", values: source.training })),
    ...methods.flatMap((row, index) => rowFaults(comparison, row, pathOfRow(index))),
    ...downstream.flatMap((task, index) => taskFaults(task, `downstream.${index}`)),
  ];
  return [...new Map(all.map((fault) => [fault.message, fault])).values()];
}

function faultsOfTraining(
  data: readonly string[],
  ...places: readonly [Place, ...Place[]]
): readonly Fault[] {
  const settings = places.reduceRight((all, { values }) => ({ ...all, ...values }), {});
  return faultsOf(() => check(trainSettings, { data, ...settings })).map((fault) =>
    locatedFault(fault, pathIn(...places)),
  );
}

function rowFaults(comparison: Comparison, row: ComparedMethod, path: string): readonly Fault[] {
  const training = { path: "training", values: comparison.training };
  const own = { path: `${path}.growth`, values: row.growth };
  const growths = methodsOf(row).map((method) => growthBy(comparison, row, method));
  const together = growths.flatMap(({ settings }) =>
    faultsOf(() => check(growSettings, { to: comparison.to, ...settings })).map((fault) =>
      locatedFault(fault, pathIn(own, { path: "growth", values: comparison.growth }, training)),
    ),
  );
  // a row of no steps may hold settings of learning, as those of more steps do
  const learning = { ...row, growth: { ...row.growth, steps: Math.max(1, row.growth.steps ?? 1) } };
  const read = methodsOf(row).map((method) => growthBy(comparison, learning, method));
  const unread = Object.keys(row.growth)
    .filter((name) => read.every((growth) => growth.unread.includes(name)))
    .map((name) => unreadFault(row, `${own.path}.${name}`));
  if (row.method === SOURCE && row.phases !== undefined) unread.push(unusedPhases(path));
  const trained = faultsOfTraining(
    comparison.data,
    { path: `${path}.training`, values: row.training satisfies TrainingSettings },
    training,
  );
  return [...together, ...unread, ...trained];
}

function unreadFault(row: ComparedMethod, path: string): Fault {
  const grows = methodsOf(row).join(", ");
  const because = grows === "" ? "nothing is grown in this row" : `${grows} does not read it here`;
  return {
    code: "settings/unused",
    setting: path,
    message: `\`${path}\` has no effect: ${because}. Leave it out`,
  };
}

const unusedPhases = (path: string): Fault => ({
  code: "settings/unused",
  setting: `${path}.phases`,
  message: `\`${path}.phases\` has no effect: the source has one size. Leave it out`,
});

function taskFaults(
  { name: _name, training, ...task }: DownstreamTask,
  path: string,
): readonly Fault[] {
  return faultsOfTraining(
    task.data,
    { path: `${path}.training`, values: training },
    { path, values: task },
  );
}

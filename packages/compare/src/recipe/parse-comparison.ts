import type { FrozenPart, Phase } from "@ligo/core/methods";
import { besideFile, SettingsError, type Fault } from "@ligo/sdk/settings";
import {
  referenceRows,
  REFERENCES,
  SOURCE_AS_TEACHER,
  type ComparedMethod,
  type Comparison,
  type DownstreamTask,
  type GrowthSettings,
  type OtherData,
  type TrainedSource,
  type TrainingSettings,
} from "../comparison.js";
import { given } from "../given.js";
import { faultsTogether } from "./faults-together.js";
import { readSection, under, type PathOf } from "./section.js";
import {
  comparisonSection,
  frozenSection,
  growthSection,
  otherDataSection,
  phaseSection,
  rowSection,
  sourceSection,
  taskSection,
  trainingSection,
  wholeTrainingSection,
} from "./sections.js";

type Raw = Readonly<Record<string, unknown>>;

/** Makes a path as a recipe has it the path that is meant. */
type Placed = (path: string) => string;

/** A training whose teacher, where that is a path, is the one that is meant. */
const taught = (training: TrainingSettings, placed: Placed): TrainingSettings => {
  const { teacher } = training;
  if (teacher === undefined || teacher === SOURCE_AS_TEACHER) return training;
  return { ...training, teacher: placed(teacher) };
};

const placedBeside = (file: string | undefined): Placed =>
  file === undefined ? (path) => path : (path) => besideFile(file, path);

/**
 * Checks a recipe and fills in defaults; a {@link Comparison} is a recipe too. Keys are the names of settings; those of
 * older recipes, with underscores, are read as well. The rows of its references, which savings are measured against, are always
 * among the methods, as the first. Throws `SettingsError` with everything that is wrong, each with its path in the recipe.
 *
 * @param file recipe file that the value is from, whose folder paths are taken from where they exist there
 */
export function parseComparison(value: unknown, file?: string): Comparison {
  const faults: Fault[] = [];
  const raw = objectOf(value, "The recipe", faults);
  const comparison = readComparison(raw, placedBeside(file), faults);
  const { downstream = [], evaluation = [], methods } = comparison;
  faults.push(
    ...sameNames(methods, "methods", "rows"),
    ...sameNames(downstream, "downstream", "tasks"),
    ...sameNames(evaluation, "evaluation", "data"),
  );
  // settings that are wrong by themselves are told alone
  const all = faults.length > 0 ? faults : faultsTogether(comparison, rowsBefore(raw, comparison));
  if (all.length > 0) throw new SettingsError("the comparison", all, file);
  return comparison;
}

/** The same for a list of tasks, as a recipe has it under `downstream`. */
export function parseDownstream(value: unknown, file?: string): readonly DownstreamTask[] {
  const faults: Fault[] = [];
  const isList = Array.isArray(value) && value.length > 0;
  if (!isList) {
    const message = "The file must hold a list of tasks, at least one";
    faults.push({ code: "settings/range", setting: "", message, expected: "a list of tasks" });
  }
  const tasks = readTasks(isList ? value : [], under("downstream"), placedBeside(file), faults);
  faults.push(...sameNames(tasks, "downstream", "tasks"));
  if (faults.length > 0) throw new SettingsError("the tasks", faults, file);
  return tasks;
}

function objectOf(value: unknown, path: string, faults: Fault[]): Raw {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Raw;
  const message = `${path} must be an object`;
  faults.push({ code: "settings/range", setting: "", message, expected: "an object" });
  return {};
}

/** Rows before those of the recipe: those of references that it lacks. */
function rowsBefore(raw: Raw, { methods }: Comparison): number {
  return methods.length - (raw["methods"] as readonly unknown[]).length;
}

/** A recipe's values. Where there are faults, something may be missing: the caller throws them. */
function readComparison(raw: Raw, placed: Placed, faults: Fault[]): Comparison {
  const top: PathOf = (name) => name;
  const values = readSection<Comparison & { readonly methods: readonly unknown[] }>(
    comparisonSection,
    raw,
    top,
    faults,
  );
  const { data = [], downstream = [], methods = [], processor, source = "", ...rest } = values;
  const { evaluation = [], growth, title = "Comparison", to = "", tokenizer, ...more } = rest;
  const { budget = "flops", references = REFERENCES, training, tuningData, ...others } = more;
  const rows = methods.map((row: unknown, index) => {
    const read = readRow(row, `methods.${index}`, faults);
    return { ...read, training: taught(read.training, placed) };
  });
  const always = references
    .flatMap((reference) => referenceRows(reference, budget))
    .filter((row) => rows.every(({ name }) => name !== row.name));
  const tasks = readTasks(downstream, under("downstream"), placed, faults);
  return {
    ...(others as Pick<Comparison, "seeds">),
    budget,
    references,
    title,
    source: typeof source === "string" ? placed(source) : readSource(source, placed, faults),
    to: typeof to === "string" && !to.trimStart().startsWith("{") ? placed(to) : to,
    data: data.map(placed),
    ...(tokenizer === undefined ? {} : { tokenizer: placed(tokenizer) }),
    ...(processor === undefined ? {} : { processor: placed(processor) }),
    training:
      training === undefined
        ? {}
        : taught(
            readSection<TrainingSettings>(
              wholeTrainingSection,
              training,
              under("training"),
              faults,
            ),
            placed,
          ),
    growth: readSection<GrowthSettings>(growthSection, growth ?? {}, under("growth"), faults),
    methods: [...always, ...rows],
    ...(tuningData === undefined ? {} : { tuningData: tuningData.map(placed) }),
    ...(tasks.length === 0 ? {} : { downstream: tasks }),
    ...(evaluation.length === 0 ? {} : { evaluation: readOtherData(evaluation, placed, faults) }),
  };
}

function readSource(raw: object, placed: Placed, faults: Fault[]): TrainedSource {
  const { config = {}, training } = readSection<TrainedSource>(
    sourceSection,
    raw,
    under("source"),
    faults,
  );
  if (training === undefined) return { config, training: {} };
  const path = under("source.training");
  const read = readSection<TrainingSettings>(wholeTrainingSection, training, path, faults);
  return { config, training: taught(read, placed) };
}

function readRow(row: unknown, path: string, faults: Fault[]): ComparedMethod {
  const isName = typeof row === "string";
  const {
    budget,
    growth = {},
    method = "",
    name = method,
    phases,
    training = {},
  } = readSection<ComparedMethod>(
    rowSection,
    isName ? { method: row } : (row as object),
    isName ? () => path : under(path),
    faults,
  );
  return {
    name,
    method,
    growth: readSection(growthSection, growth, under(`${path}.growth`), faults),
    training: readSection(trainingSection, training, under(`${path}.training`), faults),
    ...(budget === undefined ? {} : { budget }),
    ...(phases === undefined
      ? {}
      : { phases: phases.map((phase, index) => readPhase(phase, index, path, faults)) }),
  };
}

function readPhase(raw: object, index: number, row: string, faults: Fault[]): Phase {
  const path = `${row}.phases.${index}`;
  const {
    config = {},
    frozen,
    method,
    share = 0,
  } = readSection<Phase>(phaseSection, raw, under(path), faults);
  if (index === 0 && method !== undefined) {
    faults.push({
      code: "settings/unused",
      setting: `${path}.method`,
      message: `\`${path}.method\` has no effect: nothing is grown in a first phase. Leave it out`,
    });
  }
  return {
    config,
    share,
    ...(method === undefined ? {} : { method }),
    ...(frozen === undefined ? {} : { frozen: readFrozen(frozen, `${path}.frozen`, faults) }),
  };
}

function readFrozen(raw: object, path: string, faults: Fault[]): FrozenPart {
  const { layers = 0, outsideStacks = [] } = readSection<FrozenPart>(
    frozenSection,
    raw,
    under(path),
    faults,
  );
  return { layers, outsideStacks };
}

function readTasks(
  tasks: readonly unknown[],
  pathOf: PathOf,
  placed: Placed,
  faults: Fault[],
): readonly DownstreamTask[] {
  return tasks.map((raw, index): DownstreamTask => {
    const path = pathOf(String(index));
    const {
      data = [],
      evalData,
      name = "",
      training = {},
      ...rest
    } = readSection<DownstreamTask>(
      taskSection,
      objectOf(raw, `\`${path}\``, faults),
      under(path),
      faults,
    );
    return given({
      name,
      ...rest,
      data: data.map(placed),
      evalData: evalData?.map(placed),
      training: taught(
        readSection<TrainingSettings>(trainingSection, training, under(`${path}.training`), faults),
        placed,
      ),
    }) as DownstreamTask;
  });
}

function readOtherData(
  entries: readonly unknown[],
  placed: Placed,
  faults: Fault[],
): readonly OtherData[] {
  return entries.map((raw, index): OtherData => {
    const path = `evaluation.${index}`;
    const read = readSection<OtherData>(
      otherDataSection,
      objectOf(raw, `\`${path}\``, faults),
      under(path),
      faults,
    );
    const { data = [], name = "", ...rest } = read;
    return { name, ...rest, data: data.map(placed) };
  });
}

function sameNames(
  named: readonly { readonly name: string }[],
  section: string,
  entries: string,
): readonly Fault[] {
  const names = named.map(({ name }) => name);
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice === undefined) return [];
  const message = `\`${section}\` has two ${entries} called "${twice}"; give one of them another \`name\``;
  return [{ code: "settings/conflict", setting: section, message, actual: twice }];
}

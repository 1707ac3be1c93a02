import { localData, localNamedPart } from "../models/hub-models.js";
import { longestSequence } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import { checkTeacherOptions, chooseObjective } from "./choose-objective.js";
import { checkReads } from "./check-reads.js";
import { taskKindOf } from "./task-kinds.js";
import type { TaskKind } from "./task-kind.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

/**
 * Reads the data a model learns from. An objective that the model's class lacks, and settings that its task does not read, are
 * refused before the data are read. Throws what {@link chooseObjective}, {@link checkTeacherOptions}, {@link checkReads} and
 * the task throw.
 */
export async function openTask(spec: ModelSpec, options: TaskOptions): Promise<Task> {
  const chosen = await chooseObjective(spec, options);
  checkTeacherOptions(chosen, options);
  const kind = taskKindOf(chosen.objective) as TaskKind;
  checkReads(kind, chosen.name, options.given);
  const positions = await longestSequence(spec);
  const sequence = Math.min(options.sequence, positions);
  if (sequence < options.sequence && options.given?.has("sequence"))
    options.emit({ type: "warning", code: "sequence-cut", asked: options.sequence, positions });
  const [data, evalData, tokenizer, processor] = [
    await localData(options.data, options),
    options.evalData && (await localData(options.evalData, options)),
    await localNamedPart(options.tokenizer, "tokenizer", options),
    await localNamedPart(options.processor, "processor", options),
  ];
  const given = { ...options, data, evalData, tokenizer, processor, sequence };
  const task = await kind.open(chosen, spec, given);
  const { teacher } = options;
  if (teacher === undefined || chosen.objective.teacher?.need !== "optional") return task;
  return (await import("./inheritance.js")).inheritFrom(teacher, task, spec, given);
}

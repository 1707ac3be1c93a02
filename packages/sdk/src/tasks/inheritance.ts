import { longestSequence, vocabularySize } from "../models/model-limits.js";
import { loadModel } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import { readWeights, type OpenedModel } from "../models/open-model.js";
import { joinFingerprints } from "./fingerprint.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { openTeacher, teacherFingerprint, teacherMismatch } from "./teacher.js";

/** What both distributions are softened by, unless told otherwise: 2, as Qin et al. have it. */
const TEMPERATURE = 2;

/** A task on text that is also learned from another model (knowledge inheritance, Qin et al., 2022). */
export async function inheritFrom(
  path: string,
  task: Task,
  student: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const teacher = await openTeacher(path, options);
  try {
    await checkTeacher(teacher, task, student);
    const { spec } = teacher;
    const fingerprint = await teacherFingerprint(teacher);
    const temperature = options.temperature ?? TEMPERATURE;
    return {
      ...task,
      teacher: {
        spec,
        temperature,
        weights: () =>
          readWeights(teacher.checkpoint.folder, { ...options, architecture: undefined }),
      },
      settings: { ...task.settings, teacher: path, temperature },
      fingerprint: async () => joinFingerprints([await task.fingerprint(), fingerprint]),
    };
  } finally {
    await teacher.close();
  }
}

/** A teacher must answer what the student is asked: the same objective, the same tokens, sequences as long. */
async function checkTeacher(teacher: OpenedModel, task: Task, student: ModelSpec): Promise<void> {
  const { spec } = teacher;
  const { objectives } = await loadModel(spec);
  if (!(task.objective in objectives)) {
    const learns = Object.keys(objectives).join(", ") || "no objective";
    throw teacherMismatch(teacher, "learns", task.objective, learns);
  }
  const [theirs, ours] = [vocabularySize(spec.layout), vocabularySize(student.layout)];
  if (theirs !== ours) {
    throw teacherMismatch(teacher, "has a vocabulary of", String(ours), String(theirs));
  }
  const [longest, sequence] = [await longestSequence(spec), task.cost.sequence];
  if (longest < sequence) {
    const [expected, actual] = [`${sequence} tokens`, `${longest} tokens`];
    throw teacherMismatch(teacher, "takes sequences of at most", expected, actual);
  }
}

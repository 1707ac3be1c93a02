import { openModel, type OpenedModel } from "../models/open-model.js";
import { UsageError } from "../usage-error.js";
import type { TaskOptions } from "./task-options.js";

/** Opens a checkpoint to learn from. `architecture` names the student's package, not its own. */
export function openTeacher(path: string, options: TaskOptions): Promise<OpenedModel> {
  return openModel(path, { ...options, architecture: undefined });
}

/** What tells a teacher's config and weights from others. */
export async function teacherFingerprint(teacher: OpenedModel): Promise<string> {
  return JSON.stringify((await teacher.record())["sha256"]);
}

/** A teacher that cannot teach the student: `sdk/teacher-mismatch`. */
export function teacherMismatch(
  { spec: { file } }: OpenedModel,
  what: string,
  expected: string,
  actual: string,
): UsageError {
  return new UsageError(
    "sdk/teacher-mismatch",
    `The teacher ${file} ${what} ${actual}, the student ${expected}. Use a teacher that was trained on the same data.`,
    { file, expected, actual },
  );
}

import { unused } from "../settings/rules.js";
import { SettingsError } from "../settings/settings-error.js";
import type { TaskKind } from "./task-kind.js";
import { taskKinds } from "./task-kinds.js";

/**
 * Throws a {@link SettingsError} for settings that were given and that this kind of task does not read, but others do.
 *
 * @param objective name of what is learned, for messages
 */
export function checkReads(
  kind: TaskKind,
  objective: string,
  given: ReadonlySet<string> = new Set(),
): void {
  const faults = [...given].flatMap((name) => {
    const readers = taskKinds.filter(({ reads }) => (reads as readonly string[]).includes(name));
    if (readers.length === 0 || readers.includes(kind)) return [];
    const words = [...new Set(readers.map((one) => one.words))].join(" or ");
    return [unused(name, `${objective} does not read it`, `a model that learns from ${words}`)];
  });
  if (faults.length > 0) throw new SettingsError(objective, faults);
}

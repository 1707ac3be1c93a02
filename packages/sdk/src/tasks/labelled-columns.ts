import type { ColumnOptions } from "@ligo/data";
import { UsageError } from "../usage-error.js";
import type { TaskOptions } from "./task-options.js";

/** Columns of labelled texts: one, or two with a comma between them. Throws `sdk/bad-columns`. */
export function labelledColumns({
  labelColumn,
  textColumn,
}: Pick<TaskOptions, "labelColumn" | "textColumn">): ColumnOptions {
  const textColumns = textColumn?.split(",").map((name) => name.trim());
  if (textColumns === undefined || (textColumns.length <= 2 && !textColumns.includes(""))) {
    return { textColumns, labelColumn };
  }
  throw new UsageError(
    "sdk/bad-columns",
    `\`textColumn\` is "${textColumn}"; name one column, or two with a comma between them.`,
    { expected: "one or two names", actual: textColumn },
  );
}

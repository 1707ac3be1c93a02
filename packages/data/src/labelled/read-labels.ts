import { createBadRows } from "../errors/bad-rows.js";
import { noData } from "../errors/no-data.js";
import { labelledRows, noLabels, type LabelledRow } from "./label-rows.js";
import { isMinusOne, isNoLabel } from "./no-label.js";
import { findTables, type LabelledTextOptions } from "./labelled-texts.js";

/** The distinct labels of tables, in the order they come in, each with the place where it stands first: `rows.csv, line 2`. */
export interface FoundLabels {
  /** Labels as they are written. Texts that stand for none are not among them. */
  readonly labels: ReadonlyMap<string, string>;
  /** -1, as it is written: no label among classes, and a number among numbers. */
  readonly minusOne: ReadonlyMap<string, string>;
}

/** The labels of tables. Throws as `readLabelledTexts`, and `data/no-label` where no row has one. */
export async function readLabels(
  patterns: readonly string[],
  { skipBadRows, ...columns }: Omit<LabelledTextOptions, "labels">,
): Promise<FoundLabels> {
  const [labels, minusOne] = [new Map<string, string>(), new Map<string, string>()];
  const { badRows, onBadRow } = createBadRows();
  const skipping = skipBadRows === true ? onBadRow : undefined;
  const { files } = await findTables(patterns);
  let without: LabelledRow | undefined;
  for await (const row of labelledRows(files, columns, skipping)) {
    const { file, label, place } = row;
    const found = isMinusOne(label) ? minusOne : labels;
    if (isNoLabel(label)) without ??= row;
    else if (!found.has(label)) found.set(label, `${file}, ${place}`);
  }
  if (labels.size + minusOne.size > 0) return { labels, minusOne };
  throw without === undefined
    ? noData("labelled text", patterns, files, badRows())
    : noLabels(without);
}

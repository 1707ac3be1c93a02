import { type BadRowHandler, refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { badRow, NAME_COLUMN, typeName } from "../formats/table-text.js";
import { chooseColumns, type ColumnOptions, type LabelledColumns } from "./columns.js";
import { readTable } from "./read-table.js";

/** A row of a table with its texts and its label as it is written; empty where there is none. */
export interface LabelledRow {
  readonly file: string;
  readonly place: string;
  readonly texts: readonly string[];
  readonly label: string;
}

/** The rows of tables of labelled texts. Throws what `readTable` throws, `data/missing-column` and `data/bad-row`. */
export async function* labelledRows(
  files: readonly string[],
  columns: ColumnOptions,
  onBadRow: BadRowHandler | undefined,
): AsyncGenerator<LabelledRow, void, undefined> {
  for (const file of files) {
    let chosen: LabelledColumns | undefined;
    const choose = (held: readonly string[]): readonly string[] => {
      chosen = chooseColumns(file, held, columns);
      return [...chosen.texts, chosen.label];
    };
    const handler = onBadRow === undefined ? {} : { onBadRow };
    for await (const { place, cells } of readTable(file, { choose, ...handler })) {
      const names = [...(chosen?.texts ?? []), chosen?.label];
      const bad = (index: number, expected: string): DataError =>
        badRow(file, place, `"${names[index]}" is ${typeName(cells[index])}`, expected);
      const texts = cells.slice(0, -1);
      const wrong = texts.findIndex((text) => typeof text !== "string");
      const label = labelText(cells.at(-1));
      if (wrong >= 0) refuseRow(bad(wrong, "a string"), onBadRow);
      else if (label === undefined) refuseRow(bad(cells.length - 1, "a label"), onBadRow);
      else yield { file, place, texts: texts as readonly string[], label };
    }
  }
}

/** A label as text, whatever a table holds it as: 1, 1.0 and true are 1; null and NaN are empty. */
function labelText(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim();
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "boolean" ? String(Number(value)) : undefined;
}

/** A row that is left out, as its label stands for none. */
export function unlabelled({ file, label, place }: LabelledRow): DataError {
  return new DataError("data/no-label", `${file}, ${place}: ${stands(label)}.`, {
    file,
    expected: "a label",
    actual: `${place}: ${label}`,
  });
}

/** Labels that all stand for none. */
export function noLabels({ file, label, place }: LabelledRow): DataError {
  return new DataError(
    "data/no-label",
    `${file}, ${place}: ${stands(label)}, and no row has another one. ${NAME_COLUMN.labels}`,
    { file, expected: "labels", actual: `${place}: ${label}` },
  );
}

function stands(label: string): string {
  return label === ""
    ? "there is no label"
    : `the label is ${JSON.stringify(label)}, which stands for none`;
}

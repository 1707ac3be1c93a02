import { missingColumn, NAME_COLUMN } from "../formats/table-text.js";

/** The columns of a table that labelled texts come from. */
export interface LabelledColumns {
  /** One column, or two of a pair. */
  readonly texts: readonly string[];
  readonly label: string;
}

/** Columns asked for by name; the rest is found among the columns there are. */
export interface ColumnOptions {
  readonly textColumns?: readonly string[] | undefined;
  readonly labelColumn?: string | undefined;
}

/** Columns of texts as GLUE and others name them, the pairs first. */
const TEXTS: readonly (readonly string[])[] = [
  ["sentence1", "sentence2"],
  ["question1", "question2"],
  ["question", "sentence"],
  ["premise", "hypothesis"],
  ["#1 String", "#2 String"],
  ["sentence"],
  ["text"],
];

/** Columns of labels. MNLI has those of single annotators (`label1`, ...) beside the one that counts. */
const LABELS: readonly string[] = ["label", "gold_label", "is_duplicate", "Quality", "score"];

/** The columns of CoLA, whose tables have no header. */
const COLA: readonly string[] = ["source", "label", "mark", "sentence"];

/** Whether the first row of a table is one of CoLA's: a source, 0 or 1, nothing or an asterisk, a sentence. */
function isCola([, label, mark, ...rest]: readonly string[]): boolean {
  return /^[01]$/.test(label ?? "") && (mark === "" || mark === "*") && rest.length === 1;
}

/** The columns of a table without a header, where its first row shows what it is. */
export function headerless(first: readonly string[]): readonly string[] | undefined {
  return isCola(first) ? COLA : undefined;
}

/** The columns of texts and label among those a file holds. Throws `data/missing-column`. */
export function chooseColumns(
  file: string,
  held: readonly string[],
  { textColumns, labelColumn }: ColumnOptions,
): LabelledColumns {
  const has = (column: string): boolean => held.includes(column);
  const texts = textColumns ?? TEXTS.find((columns) => columns.every(has));
  const label = labelColumn ?? LABELS.find(has);
  const absent = texts?.find((column) => !has(column));
  if (texts === undefined || absent !== undefined) {
    const column = absent ?? { holding: "texts" };
    throw missingColumn({ file, column, held, remedy: NAME_COLUMN.texts });
  }
  if (label === undefined || !has(label)) {
    const column = label ?? { holding: "labels" };
    throw missingColumn({ file, column, held, remedy: NAME_COLUMN.labels });
  }
  return { texts, label };
}

import { plainText, type Words } from "./colours.js";

/** Columns of a terminal that does not tell them. */
const USUAL_COLUMNS = 80;

/** Columns that a letter takes at most: of European scripts and of bars one, of all others up to two. */
const columnsOf = (letter: string): number =>
  letter > "\u10FF" && !"█░…".includes(letter) ? 2 : 1;

/** The beginning of a text that fits. */
function beginning(text: string, room: number): string {
  let [end, left] = [0, room];
  for (const letter of text) {
    left -= columnsOf(letter);
    if (left < 0) break;
    end += letter.length;
  }
  return text.slice(0, end);
}

/**
 * The first of some lines that a terminal shows in one row, else the last one, cut off. The last column stays free: some
 * terminals go to the next row when it is filled.
 */
export function firstThatFits(lines: readonly Words[], columns: number = 0): Words {
  const room = (columns > 0 ? columns : USUAL_COLUMNS) - 1;
  const fitting = lines.find((line) => {
    const text = plainText(line);
    return beginning(text, room) === text;
  });
  if (fitting !== undefined) return fitting;
  return room > 0 ? `${beginning(plainText(lines.at(-1) ?? ""), room - 1)}…` : "";
}

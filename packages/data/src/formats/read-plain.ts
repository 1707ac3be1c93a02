import { type BadRowHandler, refuseRow } from "../errors/bad-rows.js";
import { byteParts, linesOf } from "./byte-parts.js";
import type { DataFormat } from "./data-format.js";
import { decodePart, notUtf8 } from "./decode-text.js";

/** Texts of a text file, in parts cut at line ends. A line that is not UTF-8 is a bad row. */
export async function* readPlain(
  file: string,
  format: DataFormat,
  { partBytes, onBadRow }: { readonly partBytes: number; readonly onBadRow?: BadRowHandler },
): AsyncGenerator<string, void, undefined> {
  for await (const part of byteParts(file, format, { partBytes, wholeLines: false })) {
    const text = decodePart(part);
    if (text !== undefined) {
      yield text;
      continue;
    }
    if (onBadRow === undefined) throw notUtf8(file, part);
    let kept = "";
    for (const line of linesOf(part)) {
      const good = decodePart(line);
      if (good === undefined) refuseRow(notUtf8(file, line), onBadRow);
      else kept += good;
    }
    if (kept !== "") yield kept;
  }
}

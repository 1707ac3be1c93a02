const PREFIXES = ["", "k", "M", "G", "T", "P", "E"] as const;

/** Three significant digits and a decimal prefix: `12.3 M`. */
function scaled(value: number, unit: string): string {
  let [index, rest] = [0, value];
  while (rest >= 999.5 && index < PREFIXES.length - 1) {
    rest /= 1000;
    index += 1;
  }
  const digits = index === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)} ${PREFIXES[index]}${unit}`;
}

export const formatBytes = (value: number): string => scaled(value, "B");
export const formatFlops = (value: number): string => scaled(value, "FLOPs");
/** `2.23 M`, `686 k`. */
export const formatParameters = (value: number): string => scaled(value, "").trimEnd();
/** A whole number, its thousands apart. By hand: `Intl` takes a twentieth of a second to load. */
export const formatCount = (value: number): string =>
  String(value).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ",");
export const formatShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** `0.42 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 99.5) return `${seconds.toFixed(0)} s`;
  const minutes = Math.floor(seconds / 60);
  const pad = (value: number): string => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${pad(Math.floor(seconds % 60))} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Lines with the columns of `rows` aligned to the left, two spaces apart. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

import { readFileSync, writeFileSync } from "node:fs";
import { committedResults, resultsTable } from "./results-tables.js";

// Puts the tables of committed results into docs/research/results.md, each below the line that names it.
const page = new URL("../../../docs/research/results.md", import.meta.url);
let text = readFileSync(page, "utf8");
for (const committed of await committedResults()) {
  const marker = `<!-- ${committed.name} -->\n`;
  const start = text.indexOf(marker);
  if (start < 0)
    throw new Error(`docs/research/results.md has no place for ${committed.name}: ${marker}`);
  const from = start + marker.length;
  const rest = text.slice(from).replace(/^\n?(?:\|.*\n)*/u, "");
  text = `${text.slice(0, from)}\n${resultsTable(committed)}\n${rest}`;
}
writeFileSync(page, text);

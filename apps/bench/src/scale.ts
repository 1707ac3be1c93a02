import { scaleTable } from "./scale-table.js";

// What learning an operator needs at sizes that do not fit here: the table of docs/scale.md.
process.stdout.write(`${scaleTable()}\n`);

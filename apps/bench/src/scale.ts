import { scaleTable } from "./scale-table.js";

// Prints the table of docs/research/scale.md: needs of learning an operator at sizes that do not fit here.
process.stdout.write(`${scaleTable()}\n`);

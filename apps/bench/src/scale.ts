import { gpuTable, scaleTable } from "./scale-table.js";

// Prints the tables of docs/research/scale.md and docs/guide/scale.md: needs of learning an operator at sizes that do not fit here.
process.stdout.write(`${scaleTable()}\n\n${gpuTable()}\n`);

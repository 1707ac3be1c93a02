import { openCheckpoint } from "@ligo/checkpoint";
import { formatTable } from "@ligo/report";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { readFlags } from "./read-flags.js";
import { rmsByKind, rmsRows } from "./growth-rms-table.js";

const HELP = `Size of every kind of tensor of grown models against that of their source: its root mean square.

npm run rms -w apps/bench -- --source <folder> --grown <folder> [--grown <folder>]...

  --source <folder>  checkpoint that was grown
  --grown <folder>   checkpoint that it was grown to; may be repeated

A kind is a name without the number of its layer. Prints the source's, and of each grown model the ratio to it.
`;

endWithReader();
const flags = readFlags(
  {
    options: {
      source: { type: "string" },
      grown: { type: "string", multiple: true },
      help: { type: "boolean", default: false },
    },
  },
  HELP,
);

/** Root mean squares of a checkpoint's tensors, by kind. */
async function measure(folder: string): Promise<ReadonlyMap<string, number>> {
  const checkpoint = await openCheckpoint(folder);
  try {
    return await rmsByKind([...checkpoint.headers.keys()], (name) => checkpoint.read(name));
  } finally {
    await checkpoint.close();
  }
}

const { grown = [], source } = flags;
if (source === undefined || grown.length === 0) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  const [of, ...others] = [source, ...grown];
  const first = await measure(callerPath(of));
  const rest: ReadonlyMap<string, number>[] = [];
  for (const folder of others) rest.push(await measure(callerPath(folder)));
  process.stdout.write(formatTable(rmsRows(grown, first, rest)));
}

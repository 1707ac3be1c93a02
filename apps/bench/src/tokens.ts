import { mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describeMachine } from "@ligo/sdk/models";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { isCount, readFlags } from "./read-flags.js";
import { goThrough, measureText, repeatTexts, TEXT_WAYS } from "./measure-tokens.js";
import { tokensTable } from "./tokens-table.js";

const HELP = `Measure how fast text is read and tokenised, beside Hugging Face's tokenizers and datasets.

npm run tokens -w apps/bench -- --text <file> [--text <file>]... --tokenizer <folder> [--megabytes <n>] [--rounds <n>] [--peer <python>] [--folder <folder>]

  --text <file>         text, read over again until there is enough of it; may be repeated
  --tokenizer <folder>  folder with tokenizer.json; may be repeated
  --megabytes <n>       bytes of text, in millions (default 1000)
  --rounds <n>          times each way is run, all in turn; medians count (default 3)
  --peer <python>       a Python with tokenizers, datasets and numpy, timed in turn with ours
  --folder <folder>     where the text and the tokens are written (default: the system's for temporary files)

Each way runs in a process of its own.
`;

endWithReader();
const flags = readFlags(
  {
    options: {
      text: { type: "string", multiple: true },
      tokenizer: { type: "string", multiple: true },
      megabytes: { type: "string", default: "1000" },
      rounds: { type: "string", default: "3" },
      peer: { type: "string" },
      folder: { type: "string" },
      measure: { type: "string" },
      help: { type: "boolean", default: false },
    },
  },
  HELP,
);

function measureAll(texts: readonly string[], tokenizers: readonly string[]): void {
  const folder = mkdtempSync(join(callerPath(flags.folder ?? tmpdir()), "ligo-tokens-"));
  try {
    const text = join(folder, "text.txt");
    repeatTexts(texts.map(callerPath), Number(flags.megabytes) * 1e6, text);
    const bytes = statSync(text).size;
    const threads = availableParallelism();
    const { peer } = flags;
    const ways = TEXT_WAYS.filter((way) => peer !== undefined || way.startsWith("ligo"));
    process.stdout.write(
      `${describeMachine()}; ${(bytes / 1e6).toFixed(0)} MB, ${flags.rounds} rounds\n`,
    );
    for (const tokenizer of tokenizers.map(callerPath)) {
      const rounds = Array.from({ length: Number(flags.rounds) }, () =>
        ways.map((way) => measureText(way, text, tokenizer, { python: peer ?? "", threads })),
      );
      const rows = ways.map((way, index) => ({
        way,
        rounds: rounds.flatMap((round) => round[index] ?? []),
      }));
      process.stdout.write(`\n${basename(tokenizer)}\n\n${tokensTable(bytes, rows)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (flags.measure !== undefined) {
  process.stdout.write(JSON.stringify(await goThrough(flags.measure, flags.tokenizer?.[0])));
} else if (
  flags.help ||
  !flags.text ||
  !flags.tokenizer ||
  !isCount(flags.megabytes) ||
  !isCount(flags.rounds)
) {
  (flags.help ? process.stdout : process.stderr).write(HELP);
  process.exitCode = flags.help ? 0 : 2;
} else {
  measureAll(flags.text, flags.tokenizer);
}

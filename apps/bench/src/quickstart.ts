import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { LigoError } from "@ligo/core";
import { CALLER, callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { quickstartProgress } from "./quickstart-progress.js";
import { QUICKSTART } from "./quickstart-recipe.js";
import { headline } from "./quickstart-report.js";
import { readQuickstartTexts } from "./quickstart-text.js";
import { runQuickstart } from "./run-quickstart.js";

const HELP = `Grow a BERT with LiGO and see what it saves, in a few minutes on a CPU.

npm run quickstart -- [--data <file, folder or glob>]... [--out <folder>] [--seed <n>]

  --data   text to learn from (default: the documentation in node_modules)
  --out    where checkpoints and report.html go (default: quickstart)
  --seed   seed of everything random (default: 0)
`;

const progress = quickstartProgress(process.stderr);

/** Writes a line of the results. */
const tell = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      data: { type: "string", multiple: true },
      out: { type: "string", default: "quickstart" },
      seed: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) {
    tell(HELP);
    return;
  }
  if (!/^\d+$/u.test(flags.seed)) {
    throw new LigoError("quickstart/bad-seed", `--seed is ${flags.seed}; give a whole number.`);
  }
  const started = performance.now();
  const out = callerPath(flags.out);
  const documentation = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  progress.note(
    `Reading ${flags.data ? flags.data.join(", ") : "the documentation in node_modules"} ...`,
  );
  // LiGO's own packages are linked into node_modules; their READMEs change with every version
  const texts = flags.data
    ? await readQuickstartTexts(flags.data.map(callerPath))
    : await readQuickstartTexts([documentation], join("node_modules", "@ligo"));
  const result = await runQuickstart({
    recipe: QUICKSTART,
    texts,
    out,
    seed: Number(flags.seed),
    say: progress.note,
    onEvent: progress.onEvent,
  });
  tell(`\n${headline(result)}`);
  if (result.savingInTime !== null)
    tell(`In seconds: ${(result.savingInTime * 100).toFixed(1)} % saved, growth included.`);
  const folder = relative(CALLER, out) || ".";
  tell(`\nCurves:      ${pathToFileURL(join(out, "report.html")).href}`);
  tell(
    `Checkpoints: ${["small", "grown", "trained", "scratch"].map((name) => join(folder, name)).join(", ")} (Hugging Face format)`,
  );
  tell(`Took ${Math.round((performance.now() - started) / 1000)} s.`);
}

endWithReader();
try {
  await main();
} catch (error) {
  const wrongFlags =
    error instanceof TypeError &&
    "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!LigoError.isInstance(error) && !wrongFlags) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

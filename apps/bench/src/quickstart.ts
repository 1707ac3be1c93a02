import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { LigoError } from "@ligo/core";
import { CALLER, callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
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

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** A line that is rewritten on a terminal, and written about every tenth elsewhere. */
function progress(total: number): (step: number, text: string) => void {
  let tenth = -1;
  return (step, text) => {
    const line = `  ${String(step).padStart(String(total).length)}/${total}  ${text}`;
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\u001B[K${line}${step === total ? "\n" : ""}`);
    } else if (Math.floor((step * 10) / total) > tenth) {
      tenth = Math.floor((step * 10) / total);
      say(line);
    }
  };
}

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
    say(HELP);
    return;
  }
  if (!/^\d+$/u.test(flags.seed)) {
    throw new LigoError("quickstart/bad-seed", `--seed is ${flags.seed}; give a whole number.`);
  }
  const started = performance.now();
  const out = callerPath(flags.out);
  const documentation = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  say(`Reading ${flags.data ? flags.data.join(", ") : "the documentation in node_modules"} ...`);
  // LiGO's own packages are linked into node_modules; their READMEs change with every version
  const texts = flags.data
    ? await readQuickstartTexts(flags.data.map(callerPath))
    : await readQuickstartTexts([documentation], join("node_modules", "@ligo"));
  const result = await runQuickstart({
    recipe: QUICKSTART,
    texts,
    out,
    seed: Number(flags.seed),
    say,
    progress,
  });
  say(`\n${headline(result)}`);
  if (result.savingInTime !== null)
    say(`In seconds: ${(result.savingInTime * 100).toFixed(1)} % saved, growth included.`);
  const folder = relative(CALLER, out) || ".";
  say(`\nCurves:      ${pathToFileURL(join(out, "report.html")).href}`);
  say(
    `Checkpoints: ${["small", "grown", "trained", "scratch"].map((name) => join(folder, name)).join(", ")} (Hugging Face format)`,
  );
  say(`Took ${Math.round((performance.now() - started) / 1000)} s.`);
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

/** `npm run fuzz`: reads damaged files until the time is over, and tells what it found. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCampaign, type CampaignOptions, type Tally } from "./campaign.js";
import { readFinding, writeFinding } from "./findings.js";
import { begunIn, logStretch, talliesIn } from "./log.js";
import { prepareTarget } from "./make-input.js";
import { isFinding } from "./outcome.js";
import { ROOT } from "./repository.js";
import { startChild } from "./start-child.js";
import { stretchesOf } from "./stretches.js";
import { targetNamed, type Target } from "./target.js";
import { TARGETS } from "./targets/index.js";

const HELP = `npm run fuzz -- [options]

  --minutes <n>          minutes to go on for (1)
  --runs <n>             inputs to read, in place of minutes
  --target <name>        a target, or several with commas between (all): ${TARGETS.map(({ name }) => name).join(", ")}
  --seed <n>             seed of all inputs (0)
  --jobs <n>             processes at once (2)
  --out <folder>         findings (fuzz-findings)
  --log <file>           a line for each stretch of inputs; a log that is there is gone on with
  --keep-accepted <dir>  keep what is accepted, and how it was read, for other readers (tooling/fixtures/check-accepted.py)
  --minimise <s>         seconds that a finding may be made smaller for (20)
  --replay <file>        read the input of a finding.json once more
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Milliseconds that a reading may take. */
const DEADLINE = 5000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    runs: { type: "string" },
    target: { type: "string" },
    seed: { type: "string", default: "0" },
    jobs: { type: "string", default: "2" },
    out: { type: "string", default: join(ROOT, "fuzz-findings") },
    log: { type: "string" },
    "keep-accepted": { type: "string" },
    minimise: { type: "string", default: "20" },
    replay: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), "ligo-fuzz-"));
const place = {
  bundle: fileURLToPath(new URL("child.js", import.meta.url)),
  folder,
  deadline: DEADLINE,
};

/** Reads the input of a finding again; returns the exit code. */
async function replay(file: string): Promise<number> {
  const { input, target } = readFinding(resolve(file));
  await prepareTarget(folder, targetNamed(TARGETS, target));
  const child = startChild(place);
  const outcome = await child.judge(target, input);
  child.stop();
  say(JSON.stringify(outcome, undefined, 2).replaceAll(String.raw`\n`, "\n"));
  return isFinding(outcome) ? 1 : 0;
}

async function fuzz(targets: readonly Target[]): Promise<number> {
  const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  for (const target of targets) await prepareTarget(folder, target);
  const end = performance.now() + 60_000 * minutes;
  const { log } = values;
  const options: CampaignOptions = {
    ...place,
    targets: TARGETS,
    seed,
    jobs: Number(values.jobs),
    minimising: 1000 * Number(values.minimise),
    keepAccepted: values["keep-accepted"],
    onStretch: (stretch, tally) => {
      if (log !== undefined) logStretch(log, stretch, tally);
    },
    onFinding: (found) => {
      const file = writeFinding(resolve(values.out), found);
      const first =
        "failure" in found.finding ? found.finding.failure.message.split("\n", 1)[0] : "";
      say(
        `${found.target}: ${found.finding.kind} ${first?.slice(0, 200)}\n  npm run fuzz -- --replay ${file}`,
      );
    },
  };
  const stretches = stretchesOf({
    targets,
    seed,
    goesOn: (given) => (runs === undefined ? performance.now() < end : given < runs),
    ...(log === undefined ? {} : { begun: begunIn(log, seed) }),
  });
  const tallies = await runCampaign(stretches, options);
  say(tableOf(log === undefined ? tallies : talliesIn(log, seed)));
  return [...tallies.values()].some(({ findings }) => findings.size > 0) ? 1 : 0;
}

/** What became of the inputs, target by target. */
function tableOf(tallies: ReadonlyMap<string, Tally>): string {
  const rows = [...tallies].map(([name, { accepted, findings, refused, tried }]) => {
    const found = [...findings.values()].reduce((sum, times) => sum + times, 0);
    return [name, tried, accepted, refused, found, findings.size].map(String);
  });
  const sum = (column: number): string =>
    String(rows.reduce((total, row) => total + Number(row[column]), 0));
  const last = ["all", ...[1, 2, 3, 4, 5].map(sum)];
  const all = [["target", "inputs", "accepted", "refused", "findings", "kinds"], ...rows, last];
  return all
    .map((row) =>
      row.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(9))).join(""),
    )
    .join("\n");
}

try {
  if (values.help) say(HELP);
  else if (values.replay !== undefined) process.exitCode = await replay(values.replay);
  else {
    const names = values.target?.split(",");
    process.exitCode = await fuzz(
      names === undefined ? TARGETS : names.map((name) => targetNamed(TARGETS, name)),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.js";
import {
  measureCase,
  PERF_CASES,
  sgemmGflops,
  type PerfCaseName,
  type PerfMeasurement,
} from "./perf-cases.js";

const HELP = `Measure the speed and memory of LiGO steps and training steps, as ratios inside one run.

npm run perf -w apps/bench -- [--json] [--case <name>]...

Cases: ${PERF_CASES.join(", ")}. Each runs in a process of its own; use an otherwise idle machine.
`;

/** What a case must reach; absent where nothing was promised. */
const TARGETS: Readonly<
  Record<
    string,
    {
      readonly fractionOfSgemm?: number;
      readonly ratioToNaive?: number;
      readonly peakMemoryBytes?: number;
    }
  >
> = {
  "ligo-small": { fractionOfSgemm: 0.65, ratioToNaive: 0.8, peakMemoryBytes: 1.1e9 },
  "ligo-base": { fractionOfSgemm: 0.65, ratioToNaive: 0.8, peakMemoryBytes: 3e9 },
  "train-small": { fractionOfSgemm: 0.7, peakMemoryBytes: 1e9 },
  "train-base": { fractionOfSgemm: 0.7 },
};

interface PerfResult extends PerfMeasurement {
  readonly fractionOfSgemm: number;
  readonly flopsNaive?: number;
  readonly ratioToNaive?: number;
}

const isCase = (name: string): name is PerfCaseName =>
  (PERF_CASES as readonly string[]).includes(name);

/** Runs one case in a fresh process, so that its peak memory is its own. */
function inOwnProcess(name: PerfCaseName): PerfMeasurement {
  const file = fileURLToPath(import.meta.url);
  return JSON.parse(
    execFileSync(process.execPath, [file, "--measure", name], { encoding: "utf8" }),
  ) as PerfMeasurement;
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      case: { type: "string", multiple: true },
      measure: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.measure !== undefined && isCase(flags.measure)) {
    const repeats = flags.measure.includes("base") ? 6 : 12;
    process.stdout.write(JSON.stringify(await measureCase(flags.measure, repeats)));
    return;
  }
  const unknown = flags.case?.find((name) => !isCase(name));
  if (flags.help || unknown !== undefined) {
    process.stderr.write(unknown === undefined ? HELP : `There is no case ${unknown}.\n${HELP}`);
    process.exitCode = flags.help ? 0 : 2;
    return;
  }
  const wanted = PERF_CASES.filter((name) => flags.case === undefined || flags.case.includes(name));
  const rate = await sgemmGflops();
  const measured = new Map<string, PerfMeasurement>();
  for (const name of wanted) {
    measured.set(name, inOwnProcess(name));
    process.stderr.write(`${name}: ${measured.get(name)?.seconds.toFixed(3)} s a step\n`);
  }
  const cases = Object.fromEntries(
    [...measured].map(([name, own]): [string, PerfResult] => {
      const naive = measured.get(`${name}-naive`);
      const fractionOfSgemm = own.flops / own.seconds / 1e9 / rate;
      const compared = naive
        ? { flopsNaive: naive.flops, ratioToNaive: own.seconds / naive.seconds }
        : {};
      return [name, { ...own, fractionOfSgemm, ...compared }];
    }),
  );
  const machine = describeMachine();
  const versions = { node: process.version };
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ sgemmGflops: rate, machine, versions, cases, targets: TARGETS }, undefined, 2)}\n`,
    );
  } else {
    process.stdout.write(
      `${machine}, Node ${process.version}; SGEMM ${rate.toFixed(0)} GFLOP/s\n\n${table(cases)}\n`,
    );
  }
}

function table(cases: Readonly<Record<string, PerfResult>>): string {
  const rows = Object.entries(cases).map(([name, result]) => {
    const target = TARGETS[name] ?? {};
    const against = (
      value: string,
      goal: number | undefined,
      met: boolean,
      shown: string,
    ): string => (goal === undefined ? value : `${value} (${met ? "met" : "missed"}: ${shown})`);
    return [
      name,
      result.seconds.toFixed(3),
      (result.flops / 1e9).toFixed(0),
      against(
        `${(result.fractionOfSgemm * 100).toFixed(0)} %`,
        target.fractionOfSgemm,
        result.fractionOfSgemm >= (target.fractionOfSgemm ?? 0),
        `${(target.fractionOfSgemm ?? 0) * 100} %`,
      ),
      result.ratioToNaive === undefined
        ? "-"
        : against(
            result.ratioToNaive.toFixed(2),
            target.ratioToNaive,
            result.ratioToNaive <= (target.ratioToNaive ?? 0),
            String(target.ratioToNaive),
          ),
      against(
        `${(result.peakMemoryBytes / 1e9).toFixed(2)} GB`,
        target.peakMemoryBytes,
        result.peakMemoryBytes <= (target.peakMemoryBytes ?? 0),
        `${(target.peakMemoryBytes ?? 0) / 1e9} GB`,
      ),
      result.compileSeconds.toFixed(1),
    ];
  });
  const head = ["case", "s/step", "GFLOP", "of SGEMM", "of naive", "peak memory", "compile s"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

await main();

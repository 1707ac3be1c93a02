import type { Precision } from "@ligo/engine";
import { describeMachine, ENGINE_NAME, loadEngine, type OwnEngineName } from "@ligo/sdk/models";
import { callerPath } from "./caller-path.js";
import { endWithReader } from "./closed-pipe.js";
import { isCount, readFlags } from "./read-flags.js";
import { keptMeasurements } from "./kept-measurements.js";
import { LARGE_CASES, measureStep } from "./perf-cases.js";
import { measureGrow, measureStartUp } from "./perf-command.js";
import { PEER_WAYS } from "./perf-peer.js";
import { ALL_STEPS, measureSteps, type StepRuns } from "./perf-steps.js";
import { perfTable } from "./perf-table.js";
import { metricsAgainst, TARGETS, type CaseMetrics } from "./perf-targets.js";
import { versions } from "./versions.js";

const OTHERS = ["grow", "start-up"] as const;

const HELP = `Measure speed and memory, as ratios inside one run. Use an otherwise idle machine.

npm run perf -- [--json] [--case <name>]... [--rounds <n>] [--steps <n>] [--peer <command>] [--peer-way <name>]... [--keep <file>] [--engine <name>] [--precision f16]

  --json             one JSON object on stdout, and nothing else there
  --case <name>      only this; may be repeated. Steps: ${Object.keys(ALL_STEPS).join(", ")}.
                     Others: ${OTHERS.join(", ")}. Only by name: ${Object.keys(LARGE_CASES).join(", ")}.
  --rounds <n>       times each case is run, all in turn; the fastest counts (default 2)
  --steps <n>        steps timed in each round (default 14, of base sizes 6)
  --peer <command>   also time another implementation of the same steps, in turn with ours: a program with its
                     arguments, which takes --l1 --d1 --l2 --d2 --B --T --V --steps [--tuned] [--plain] and prints one
                     JSON line with "best" (seconds of a step) and "peak_gb"; texts in it are shown. Where
                     LIGO_PEER_KERNELS is "as shipped", it leaves the kernels of its libraries as they are shipped;
                     where it is not set, it takes all that the processor can run (MKL keeps some from AMD's)
  --peer-way <name>  only this; may be repeated: ${Object.keys(PEER_WAYS).join(", ")}
  --engine <name>    engine of the steps (default onnx); SGEMM is then the rate of products on it, and there are no targets
  --precision <name> numbers that products are formed in: f32 or f16 (default f32)
  --keep <file>      keep every measurement of steps in a file, and do not repeat those that it holds

Each case runs in a process of its own.
`;

interface Flags extends StepRuns {
  readonly json: boolean;
  readonly keep: string | undefined;
}

async function measureAll({ json, keep, ...runs }: Flags): Promise<void> {
  const { cases, rounds } = runs;
  const { cases: steps, ...others } = await measureSteps(runs, keptMeasurements(keep));
  const results: Record<string, CaseMetrics> = { ...steps };
  if (cases.includes("grow")) results["grow"] = { ...(await measureGrow(rounds + 1)) };
  if (cases.includes("start-up")) {
    if (process.platform === "linux") results["start-up"] = { ...measureStartUp(20) };
    else process.stderr.write("start-up is measured on Linux only.\n");
  }
  const report = {
    ...others,
    machine: describeMachine(),
    versions: versions(),
    cases: results,
    targets: TARGETS,
    engine: runs.engine,
    precision: runs.precision,
    checks: runs.engine === "onnx" && runs.precision === "f32" ? metricsAgainst(results) : [],
  };
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : perfTable(report));
}

const isPrecision = (name: string): name is Precision => name === "f32" || name === "f16";

/** Why the flags cannot be used; `undefined` where they can. */
function complaint(given: typeof flags): string | undefined {
  const otherCase = given.case?.find((name) => !known.includes(name));
  const otherWay = given["peer-way"]?.find((name) => !(name in PEER_WAYS));
  if (otherCase !== undefined) return `--case names ${otherCase}; choose one of those below.`;
  if (otherWay !== undefined) return `--peer-way names ${otherWay}; choose one of those below.`;
  if (given.engine === "auto" || !ENGINE_NAME.test(given.engine))
    return `--engine is ${given.engine}; name one that computes, such as onnx or webgpu.`;
  if (!isPrecision(given.precision)) return `--precision is ${given.precision}; give f32 or f16.`;
  if (!isCount(given.rounds)) return `--rounds is ${given.rounds}; give a number from 1.`;
  if (!isCount(given.steps ?? "1")) return `--steps is ${given.steps}; give a number from 1.`;
  return undefined;
}

endWithReader();
const flags = readFlags(
  {
    options: {
      json: { type: "boolean", default: false },
      case: { type: "string", multiple: true },
      rounds: { type: "string", default: "2" },
      steps: { type: "string" },
      peer: { type: "string" },
      "peer-way": { type: "string", multiple: true },
      keep: { type: "string" },
      engine: { type: "string", default: "onnx" },
      precision: { type: "string", default: "f32" },
      measure: { type: "string" },
      help: { type: "boolean", default: false },
    },
  },
  HELP,
);
const known = [...Object.keys(ALL_STEPS), ...OTHERS];
const measured = flags.measure === undefined ? undefined : ALL_STEPS[flags.measure];
const wrong = complaint(flags);
const engine = flags.engine as OwnEngineName;
const precision = flags.precision as Precision;
if (measured) {
  const computing = { engine: await loadEngine(engine), precision };
  const measurement = await measureStep(measured, Number(flags.steps), computing);
  process.stdout.write(JSON.stringify(measurement));
} else if (flags.help || wrong !== undefined) {
  (flags.help ? process.stdout : process.stderr).write(
    flags.help ? HELP : `${wrong ?? ""}\n${HELP}`,
  );
  process.exitCode = flags.help ? 0 : 2;
} else {
  await measureAll({
    json: flags.json,
    keep: flags.keep === undefined ? undefined : callerPath(flags.keep),
    engine,
    precision,
    cases: known.filter((name) => flags.case?.includes(name) ?? !(name in LARGE_CASES)),
    rounds: Number(flags.rounds),
    steps: flags.steps === undefined ? undefined : Number(flags.steps),
    peer: {
      command: flags.peer?.split(" ").filter(Boolean) ?? [],
      ways: flags["peer-way"] ?? Object.keys(PEER_WAYS),
    },
  });
}

import { formatBytes, formatCount, formatFlops, formatTable } from "@ligo/report";
import { train as trainModel, type TrainedModel } from "@ligo/sdk";
import { trainSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import { shellWords } from "../flags/shell-words.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { describeEvaluation } from "./eval.js";
import { factsOf, printResult } from "./print-result.js";
import { resumedRun, runCall } from "./run-call.js";
import { times } from "./times.js";

/** `ligo train`. */
export async function train(call: Call, io: Terminal): Promise<void> {
  const handles = handlesOf(call, io);
  const { resume } = call.face;
  if (typeof resume === "string") {
    return tell(call, io, (await resumedRun(call, resume, handles)) as TrainedModel);
  }
  const { from, given } = await runCall(call, trainSettings);
  return tell(call, io, await trainModel(from, { ...given, ...handles }));
}

const FACTS = [
  "out",
  "parameters",
  "steps",
  "targetReached",
  "loss",
  "objective",
  "judgedBy",
  "heldOut",
  "tokens",
  "images",
  "flops",
  "seconds",
  "peakMemoryBytes",
  "files",
] as const;

function tell(call: Call, io: Terminal, trained: TrainedModel): void {
  const next = shellWords(["ligo", "eval", trained.out ?? ""]);
  const words = [
    `${describe(trained)}next, on data of another kind:\n  `,
    { text: `${next} --data <files> --all`, style: "command" },
    "\n",
  ] as const;
  printResult(call, io, factsOf(trained, FACTS), words);
}

function describe(trained: TrainedModel): string {
  const { flops, heldOut, images, judgedBy, parameters, seconds, targetReached, tokens } = trained;
  const amount =
    tokens === undefined ? `${formatCount(images ?? 0)} images` : `${formatCount(tokens)} tokens`;
  const reached = targetReached === true ? `reached after ${trained.steps} steps` : "not reached";
  return formatTable([
    ["trained", `${trained.out} (${formatCount(parameters)} parameters)`],
    ...(targetReached === undefined ? [] : [["target", reached]]),
    ["spent", `${amount}, ${formatFlops(flops)}`],
    ["time", times(seconds)],
    ["peak memory", formatBytes(trained.peakMemoryBytes)],
    ...describeEvaluation({ objective: judgedBy, ...heldOut }, "held-out "),
  ]);
}

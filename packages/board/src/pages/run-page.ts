import {
  badge,
  chartFigure,
  commandLine,
  factList,
  formatFlops,
  formatParameters,
  formatSeconds,
  growthPicture,
  html,
  sizeText,
  stepper,
  table,
  type Content,
  type Markup,
  type PhaseStep,
} from "@ligo/report";
import { numberAt } from "../read/files.js";
import type { RunView } from "../read/run.js";
import { inCode } from "./in-code.js";
import { operatorCards } from "./operator-cards.js";
import { lossChart, normChart, rateChart } from "./run-charts.js";
import { nextLines } from "./shell-lines.js";
import type { View } from "./view.js";

/** The subject of a run: its method and sizes, or the size of the model that is trained. */
export function runSubject({ command, method, sizes: { source, target } }: RunView): string {
  if (command === "train") return `Training${target ? ` ${sizeText(target)}` : ""}`;
  const growth = source && target && `${sizeText(source)} → ${sizeText(target)}`;
  return [method ?? "growth", ...(growth === undefined ? [] : [growth])].join(": ");
}

/** Share of the steps that are done, from 0 to 1. */
export const shareDone = ({ metrics, steps }: RunView): number =>
  steps === 0 ? 0 : (numberAt(metrics.last, "step") ?? 0) / steps;

/** The page of a run. */
export function runPage(name: string, run: RunView): View {
  const subject = runSubject(run);
  const percent = `${Math.floor(100 * shareDone(run))} %`;
  const { sizes, state } = run;
  const hasSteps = run.metrics.steps.step.length > 0;
  return {
    title: `${state === "running" ? percent : state}: ${subject} (${name})`,
    heading: subject,
    eyebrow: html`${run.command === "grow" ? "Growth" : "Training"} in <code>${run.folder}</code>`,
    main: html`
      <p>${badge(state)} ${inCode(run.because)}</p>
      ${stepper(phasesOf(run))} ${facts(run)}
      ${
        sizes.source &&
        sizes.target &&
        html`<section class="card" id="sizes">
          <h2>Small to large</h2>
          ${growthPicture(sizes.source, sizes.target)}
        </section>`
      }
      ${
        hasSteps
          ? chartFigure(lossChart(run))
          : state === "running" &&
            html`<p class="card">No step is done yet: the first line comes with it.</p>`
      }
      ${run.operator && operatorCards(run.operator)}
      ${hasSteps && html`<div class="grid">${chartFigure(rateChart(run))}${chartFigure(normChart(run))}</div>`}
      ${checkpointCard(run)} ${nextCard(run)}
    `,
  };
}

/** Phases in their order, and the timings that each of them is made of. */
const PHASES: Readonly<
  Record<RunView["command"], readonly (readonly [string, readonly string[]])[]>
> = {
  grow: [
    ["Read", ["read", "hash"]],
    ["Compile", ["compile"]],
    ["Learn", ["learn"]],
    ["Grow", ["apply"]],
    ["Write", ["write"]],
  ],
  train: [
    ["Read", ["read", "hash"]],
    ["Compile", ["compile"]],
    ["Train", ["train"]],
    ["Write", ["write"]],
  ],
};
const STEPPED: ReadonlySet<string> = new Set(["Learn", "Train"]);

/** A folder appears when its first step is about to be done: what comes before is done then. */
function phasesOf(run: RunView): readonly PhaseStep[] {
  const { command, metrics, seconds, state, steps } = run;
  const done = numberAt(metrics.last, "step") ?? 0;
  const isFinished = state === "finished";
  const phases = PHASES[command].filter(([name]) => !STEPPED.has(name) || steps > 0);
  const stepped = phases.findIndex(([name]) => STEPPED.has(name));
  const now = isFinished ? phases.length : done >= steps && steps > 0 ? stepped + 1 : stepped;
  return phases.map(([name, parts], index) => {
    const spent = parts.reduce((sum, part) => sum + (seconds[part] ?? 0), 0);
    const time = spent > 0 ? formatSeconds(spent) : undefined;
    if (index < now) return { name, state: "done", detail: time };
    if (index > now) return { name, state: "todo" };
    const detail = index === stepped ? `${done} of ${steps}` : undefined;
    return {
      name,
      state: state === "running" ? "now" : state === "failed" ? "failed" : "todo",
      detail,
    };
  });
}

function facts(run: RunView): Markup {
  const { losses, metrics, sizes, state } = run;
  const { evaluations, last } = metrics;
  const parameters = sizes.target?.parameters;
  const left = numberAt(last, "seconds_left");
  const flops = numberAt(last, "flops");
  const speed = numberAt(last, "tokens_per_second") ?? numberAt(last, "images_per_second");
  const unit = last !== undefined && "images_per_second" in last ? "images" : "tokens";
  const heldOut = run.command === "grow" ? losses.grown : evaluations.at(-1)?.loss;
  const known: readonly (readonly [string, string | undefined | false])[] = [
    ["time left", state === "running" && left !== undefined && formatSeconds(left)],
    ["loss", numberAt(last, "loss")?.toFixed(3)],
    ["held-out loss", heldOut?.toFixed(3)],
    ["spent", flops !== undefined && flops > 0 && formatFlops(flops)],
    ["speed", state === "running" && speed !== undefined && `${formatParameters(speed)} ${unit}/s`],
    ["parameters", parameters !== undefined && formatParameters(parameters)],
  ];
  const shown = known.filter(
    (fact): fact is readonly [string, string] => typeof fact[1] === "string",
  );
  return shown.length === 0
    ? html``
    : html`<section class="card" id="facts">${factList(shown)}</section>`;
}

function checkpointCard({ checkpoints }: RunView): Content {
  if (checkpoints.length === 0) return undefined;
  const rows = checkpoints.map(({ isBest, loss, savedAt, step }) => [
    `step ${step}`,
    loss === undefined ? "-" : `${loss.toFixed(4)}${isBest ? ", the best" : ""}`,
    savedAt === undefined ? "-" : new Date(savedAt).toISOString().slice(0, 16).replace("T", " "),
  ]);
  return table("Checkpoints", [["checkpoint", "held-out loss", "saved (UTC)"], ...rows]);
}

/** Lines that go on from here. */
function nextCard(run: RunView): Content {
  const lines = nextLines(run);
  if (lines.length === 0) return undefined;
  return html`<section class="card" id="next">
    <h2>${run.state === "finished" ? "Next" : "To go on"}</h2>
    ${lines.map(commandLine)}
  </section>`;
}

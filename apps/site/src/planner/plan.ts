import type { Architecture, RawConfig } from "@ligo/core";
import { planConfigs, type ConfigPlanSettings, type PlanReport } from "@ligo/sdk/planning";
import { messageOf } from "./read-config.js";

/** Everything that a visitor chose. */
export interface Wishes {
  readonly source: RawConfig;
  /** Folder or id of the source, for the command. */
  readonly from: string;
  /** A word such as `2x`, a number of parameters such as `300M`, or keys. */
  readonly to: Target;
  readonly batch: number;
  readonly sequence: number;
  /** Steps that an operator is learned for. */
  readonly learningSteps: number;
  /** Tokens, or images, that the grown model is trained on. */
  readonly budget: number;
  /** Floating-point operations a second that the machine reaches. */
  readonly rate: number;
}

export type Target =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "parameters"; readonly parameters: number }
  | { readonly kind: "keys"; readonly keys: RawConfig };

/** A plan with the times and commands that belong to it. */
export interface Planned {
  readonly report: PlanReport;
  /** Seconds at the given rate: all of learning, and all of training. */
  readonly seconds: { readonly learn: number; readonly train: number };
  /** Steps of the training. */
  readonly steps: number;
  readonly commands: readonly string[];
}

export type Outcome = { readonly planned: Planned } | { readonly error: string };

function settingsOf({ batch, sequence, to }: Wishes): ConfigPlanSettings {
  const sizes = { batch, sequence };
  if (to.kind === "word") return { ...sizes, to: to.word };
  return to.kind === "parameters"
    ? { ...sizes, parameters: to.parameters }
    : { ...sizes, to: to.keys };
}

/** The plan of a growth, or what is wrong with the wishes. */
export function planFor(wishes: Wishes, architectures: readonly Architecture[]): Outcome {
  try {
    const report = planConfigs(wishes.source, architectures, settingsOf(wishes));
    const { budget, learningSteps, rate } = wishes;
    const perStep = report.step.batch * unitsOf(report);
    const steps = Math.ceil(budget / perStep);
    const learn = (learningSteps * report.learning.flops) / rate;
    const train = (steps * report.target.flops.training) / rate;
    return {
      planned: { report, steps, seconds: { learn, train }, commands: commandsOf(wishes, report) },
    };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Tables of token embeddings, by the names that the architectures have for them. */
const TOKENS = /(?:word_embeddings|tok_embeddings|embed_tokens|embed_in|wte)\.weight$/u;

/** Whether a model reads text; images otherwise. */
const readsText = ({ tensors }: PlanReport): boolean =>
  tensors.some(({ name }) => TOKENS.test(name));

/** Tokens, or one image, of a sequence. */
const unitsOf = (report: PlanReport): number => (readsText(report) ? report.step.sequence : 1);

/** A word of a shell: quoted where it must be. */
const quoted = (text: string): string =>
  /^[\w./@:=-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Keys of this length and more are better in a file. */
const LONGEST = 120;

/** The flag that names the target, and the file it needs. */
function targetFlag(to: Target): string {
  if (to.kind === "word") return `--to ${to.word}`;
  if (to.kind === "parameters") return `--parameters ${amount(to.parameters)}`;
  const text = JSON.stringify(to.keys);
  return text.length > LONGEST || "model_type" in to.keys
    ? "--to large.json"
    : `--to ${quoted(text)}`;
}

/** A number as flags take it: 300M, 1.5B. */
export function amount(value: number): string {
  const units = [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const;
  const [unit, letter] = units.find(([size]) => value >= size) ?? [1, ""];
  return `${Number((value / unit).toPrecision(4))}${letter}`;
}

/** The commands that do what is planned. */
function commandsOf(
  { batch, budget, from, sequence, to }: Wishes,
  report: PlanReport,
): readonly string[] {
  const shared = `${quoted(from)} ${targetFlag(to)}`;
  const isText = readsText(report);
  const data = isText ? "texts/" : "images/";
  const sizes = `--batch ${batch}${isText ? ` --seq ${sequence}` : ""}`;
  return [
    `npx ligo plan ${shared} ${sizes}`,
    `npx ligo grow ${shared} --data ${data} --budget ${amount(budget)} ${sizes} --out grown`,
  ];
}

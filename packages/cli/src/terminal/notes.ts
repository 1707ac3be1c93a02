import type { CellDoneEvent, CompareEvent, KnownEvent } from "@ligo/compare";
import type {
  DataAmount,
  EvaluationEvent,
  MethodEvent,
  MomentsEvent,
  ResumedEvent,
  WarningEvent,
} from "@ligo/sdk";
import { formatCount, formatSeconds } from "@ligo/report";
import { judgedWords } from "./judged-words.js";
import { methodName } from "./method-name.js";

/** Words for an event that is told once; none for those that progress shows, and that only machines read. */
export function noteOf(event: CompareEvent, command: string): string | undefined {
  switch (event.type) {
    case "data":
      return [
        `${amount(event.training)} to ${command === "train" ? "train on" : "learn from"} by ${event.objective}`,
        `${amount(event.heldOut)} held out to judge by.`,
      ].join(", ");
    case "sizes":
      return `Grows to ${JSON.stringify(event.to)}: ${formatCount(event.parameters)} parameters.`;
    case "layers": {
      const cosines = event.similarity.map((value, layer) => `${layer} ${value.toFixed(3)}`);
      return `Layers ${event.layers}, by the cosine of their input and output: ${cosines.join(", ")}.`;
    }
    case "method":
      return methodWords(event);
    case "engine":
      return `Engine ${event.engine}${event.engine === "onnx" ? ", on the processor" : ""}. ${event.reason}`;
    case "compiled":
      return `Step compiled in ${formatSeconds(event.seconds)}.`;
    case "evaluation":
      return evaluationNote(event);
    case "class":
      return [
        `Trains ${event.to} from a ${event.from}.`,
        ...named("Starts at random, as the checkpoint lacks it", event.fresh),
        ...named("Left out, as it has no use", event.unused),
      ].join("\n");
    case "moments":
      return momentsNote(event);
    case "resumed":
      return resumedNote(event);
    case "target":
      return `The target loss ${event.loss} was ${event.reached ? "reached" : "not reached"} after ${event.step} steps.`;
    case "warning":
      return warning(event);
    case "source":
      return `\nsource, seed ${event.seed}${event.waits === true ? ": another part trains it; waiting" : ""}`;
    case "rates":
      return `\nRates: ${Object.entries(event.rates)
        .map(([name, rate]) => `${name} ${rate}`)
        .join(", ")}.`;
    case "known":
      return knownWords(event);
    case "cell":
      return `\n[${event.index}/${event.of}] ${event.method}, seed ${event.seed}`;
    case "cell-done":
      return `${cellEnd(event)}, ${formatSeconds(event.seconds)}`;
    default:
      return undefined;
  }
}

function knownWords({ of, runs }: KnownEvent): string {
  const words = `${runs} of ${of} runs in --known are this comparison's, and not run again.`;
  return runs > 0
    ? words
    : `${words} Runs are the same by data, settings, the source and the versions of LiGO and Node.js.`;
}

function resumedNote({ finished, step }: ResumedEvent): string {
  if (finished) return "The run is finished already.";
  return step === 0
    ? "The run starts at step 0: it was stopped before its first checkpoint."
    : `The run goes on from step ${step}.`;
}

/** Words for a loss on the way; the grown model's is a result. */
function evaluationNote({ judged, loss, of, step }: EvaluationEvent): string | undefined {
  const after = {
    source: "source model",
    start: "grown, before learning",
    trained: step === 0 ? "before training" : `step ${step}`,
    grown: undefined,
  }[of];
  return after && `${after}: held-out loss ${loss.toFixed(4)}${judgedWords(judged)}`;
}

function momentsNote({ entries, of, optimizer, reason, step }: MomentsEvent): string {
  if (reason !== undefined) return `The optimiser's moments begin anew: ${reason}.`;
  if (entries === 0)
    return "The optimiser's moments begin anew: every entry is mixed of several of the source, or new.";
  const share =
    entries === of ? "all entries" : `${formatCount(entries)} of ${formatCount(of)} entries`;
  return `Moments of ${optimizer} after ${step} updates are taken over: ${share}.`;
}

function cellEnd({ diverged, losses }: CellDoneEvent): string {
  return losses === undefined
    ? (diverged ?? "")
    : `held-out loss ${losses.start.toFixed(4)} -> ${losses.end.toFixed(4)}`;
}

function amount({ count, of, sequence, windows }: DataAmount): string {
  const cut = windows === undefined ? "" : ` in ${windows} windows`;
  const size = sequence === undefined ? "" : ` of ${sequence} tokens`;
  return `${count} ${of}${cut}${of === "blocks" || windows !== undefined ? size : ""}`;
}

const named = (text: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${text}: ${names.join(", ")}.`];

/** Names shown of a list that is told. */
const SHOWN = 10;

function left(text: string, names: readonly string[]): string {
  const more = names.length > SHOWN ? ", ..." : "";
  return `${names.length} ${text}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}

function startsAbove({
  grown,
  instead,
  method,
  source,
}: Extract<WarningEvent, { readonly code: "starts-above-source" }>): string {
  const begins = `The grown model starts at a held-out loss of ${grown.toFixed(4)}, its source is at ${source.toFixed(4)}. `;
  return method === instead
    ? `${begins}Training has to win that back first; nothing starts nearer here.`
    : `${begins}Training has to win that back first; --method ${instead} starts nearer to the source.`;
}

/** Words for a choice of method, with everything that was seen. */
function methodWords(event: MethodEvent): string {
  const { because, probe } = event;
  const chosen = `Method ${methodName(event)}: ${because}.`;
  if (probe === undefined || probe.starts.length === 0) return chosen;
  const source = probe.source === null ? [] : [`source ${probe.source.toFixed(4)}`];
  const starts = probe.starts.map((one) => {
    const { loss, trained } = one;
    const name = methodName(one);
    return trained === null
      ? `${name} ${loss.toFixed(4)}`
      : `${name} ${loss.toFixed(4)}, then ${trained.toFixed(4)}`;
  });
  return [
    `Probe of ${probe.starts.length} starts, ${probe.steps} steps of training each: ${[...source, ...starts].join("; ")}.`,
    ...(probe.judged === undefined ? [] : [`Its losses are${judgedWords(probe.judged)}.`]),
    `It cost ${formatCount(Math.round(probe.cost))} of ${formatCount(probe.budget)} ${probe.unit}.`,
    chosen,
  ].join("\n");
}

function warning(event: WarningEvent): string {
  switch (event.code) {
    case "learning-ended-above":
      return (
        `Learning ended at a held-out loss of ${event.learned.toFixed(4)}, above the ${event.start.toFixed(4)} that it began at. ` +
        "Learn at a lower rate (--lr), or take the start as it is (--steps 0)."
      );
    case "starts-above-source":
      return startsAbove(event);
    case "rows-left-out": {
      const more = event.count > event.first.length ? ["  ..."] : [];
      return [
        `Left out ${event.count} rows that cannot be used:`,
        ...event.first.map((row) => `  ${row}`),
        ...more,
      ].join("\n");
    }
    case "files-left-out": {
      const kinds = Object.entries(event.kinds).map(([kind, count]) => `${count} ${kind}`);
      const more = event.count > event.first.length ? ", ..." : "";
      return `Left out ${event.count} files: ${kinds.join(", ")} (${event.first.join(", ")}${more}).`;
    }
    case "companions-left-out":
      return left("files of the source's folder are not carried over", event.names);
    case "tensors-left-out":
      return left(
        `stored tensors are not carried over, as ${event.className} has no place for them`,
        event.names,
      );
    case "tokens-lost":
      return left(`tokens are given up, as ${event.file} lacks them`, event.names);
    case "target-changes":
      return [
        "The target config changes more than sizes:",
        ...event.changes.map((one) => `  ${one}`),
      ].join("\n");
    case "module-width":
      return (
        `${event.file} reads ${event.reads} numbers of a text, the grown model gives ${event.given}: ` +
        "the module does not fit any more, and must be trained anew or taken out of modules.json."
      );
    case "other-versions": {
      const versions = Object.entries(event.versions).map(
        ([name, { before, now }]) => `${name} ${before} (now ${now})`,
      );
      return `This run was begun by ${versions.join(", ")}.`;
    }
    case "norm-epsilon-set":
      return `${event.key} is set to ${Number(event.value.toPrecision(6))}, with which the wider norms keep the function.`;
    case "norm-epsilon-fixed":
      return (
        `The norms of ${event.architecture} have no epsilon in config.json to multiply by ${event.factor}: ` +
        "the function is kept up to that."
      );
    case "sequence-cut":
      return `Sequences have ${event.positions} tokens in place of ${event.asked}: the model has no more positions.`;
    case "padded-with-end":
      return `The tokenizer has no padding; texts are padded with its end-of-text token ${event.token}.`;
    case "leftovers-removed":
      return `Removed what a killed process left behind: ${event.paths.join(", ")}.`;
    case "metrics-unwritten":
      return event.lost
        ? `${event.file} cannot be written (${event.reason}): its last lines are lost.`
        : `${event.file} cannot be written (${event.reason}). The run goes on, and what is to be written waits until it can be.`;
    case "hub":
    case "token-cache":
      return event.message;
  }
}

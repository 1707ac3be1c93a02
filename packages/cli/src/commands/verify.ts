import { formatTable } from "@ligo/report";
import {
  UsageError,
  verify as verifyGrowth,
  type Difference,
  type LayerDrift,
  type VerifyResult,
} from "@ligo/sdk";
import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Span, Words } from "../terminal/colours.js";
import type { Terminal } from "../terminal/terminal.js";
import { judgedWords } from "../terminal/judged-words.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo verify`. */
export async function verify(call: Call, io: Terminal): Promise<void> {
  const [small = "", grown = ""] = call.sources;
  const result = await verifyGrowth(small, grown, { ...call.settings, ...handlesOf(call, io) });
  printResult(call, io, jsonKeys(result) as object, describe(result));
  if (call.face.strict === true) checkVerdict(result, small, grown);
}

function checkVerdict({ tolerance, verdict }: VerifyResult, small: string, grown: string): void {
  if (verdict !== "changed" && verdict !== "unknown") return;
  const facts = {
    file: grown,
    expected: `differences up to ${tolerance}`,
    actual: verdict,
  };
  throw verdict === "changed"
    ? new UsageError("cli/function-changed", `${grown} does not compute what ${small} does.`, facts)
    : new UsageError(
        "cli/function-unknown",
        `Whether ${grown} computes what ${small} does is unknown: no map between their states is.`,
        facts,
      );
}

function describe(result: VerifyResult): Words {
  const { inputs, outputs, drift, reasons, uncompared = [] } = result;
  const stacks = Object.entries(drift).map(([name, layers]) => `\n${driftTable(name, layers)}`);
  const left = uncompared.length === 0 ? "" : `Not compared: ${uncompared.join(", ")}.\n`;
  const why = reasons.map((reason) => `- ${reason}\n`).join("");
  return [
    verdictWords(result),
    `\n${lossWords(result)}`,
    reasons.length === 0 ? "" : `\n${reasonsTitle(result)}\n${why}`,
    `\nOn ${inputs} inputs:\n${outputTables(outputs)}${left}${stacks.join("")}`,
    stacks.length === 0 ? "" : `\n${TERMS}`,
  ];
}

/** Words of the table of layers. */
const TERMS = `drift: distance from the small model's states, as a share of their size
alignment (CKA): 1 where both tell inputs apart alike
scale: size of the states beside that of the small model's
`;

/** The verdict, and its look: a change that was to be expected is no alarm. */
function verdictWords({ expectedFrom, verdict }: VerifyResult): Span {
  if (verdict === "unknown")
    return { text: "Whether the function is kept is unknown.", style: "warning" };
  if (verdict !== "changed") return { text: `The function is ${verdict}.`, style: "good" };
  const expected = {
    learning: "The function is changed, as expected: its growth was learned.",
    training: "The function is changed, as expected: it was trained after it was grown.",
  };
  return expectedFrom === undefined
    ? { text: "The function is changed.", style: "warning" }
    : { text: expected[expectedFrom], style: "good" };
}

const reasonsTitle = ({ expectedFrom, verdict }: VerifyResult): string =>
  verdict === "changed" && expectedFrom === undefined ? "Reasons:" : "Differences come from:";

/** Losses of both models, and their difference; how to get them where there are none of data. */
function lossWords({ expectedFrom, losses }: VerifyResult): string {
  if (losses === null) return "";
  const { grown, judged, objective, of, small: before } = losses;
  const difference = grown - before;
  const moved =
    Math.abs(difference) < 5e-5
      ? "no difference"
      : `${Math.abs(difference).toFixed(4)} ${difference > 0 ? "higher" : "lower"}`;
  const words =
    `${objective} loss on ${of}: ${before.toFixed(4)} small, ${grown.toFixed(4)} grown, ${moved}` +
    `${judgedWords(judged, ", ")}\n`;
  if (of === "data" || expectedFrom === undefined) return words;
  return `${words}The loss on your own data is what counts then: --data <files> measures it.\n`;
}

const small = (value: number): string => value.toExponential(2);

const smallOr = (value: number | null): string => (value === null ? "-" : small(value));

/** A table of the outputs of one shape, and one of those that hold states. */
function outputTables(outputs: VerifyResult["outputs"]): string {
  const entries = Object.entries(outputs);
  const plain = entries.flatMap(([name, { kl, max, mean, states }]) =>
    states === undefined ? [[name, smallOr(max), smallOr(mean), smallOr(kl)]] : [],
  );
  const states = entries.flatMap(([name, difference]) => stateRow(name, difference));
  const header = ["max difference", "mean difference"];
  return [
    plain.length === 0 ? "" : formatTable([["output", ...header, "KL"], ...plain]),
    states.length === 0
      ? ""
      : formatTable([["states", ...header, "drift", "alignment", "compared by"], ...states]),
  ].join("");
}

function stateRow(name: string, { max, mean, states }: Difference): readonly string[][] {
  if (states === undefined) return [];
  const { alignment, drift, map, space, unread } = states;
  const through = {
    operator: `the operator's map of ${space}`,
    identity: `channels of ${space}, one by one`,
    none: `alignment: no map of ${space} is known`,
  }[map ?? "none"];
  const without = unread === 0 ? "" : `, without ${unread} channels that no layer reads`;
  return [
    [name, smallOr(max), smallOr(mean), smallOr(drift), alignment.toFixed(4), through + without],
  ];
}

function driftTable(stack: string, layers: readonly LayerDrift[]): string {
  return formatTable([
    [`after layers of ${stack}`, "as small after", "drift", "alignment", "scale"],
    ...layers.map(({ layer, of, drift, alignment, scale }) => [
      String(layer),
      String(of),
      smallOr(drift),
      alignment.toFixed(4),
      scale.toFixed(3),
    ]),
  ]);
}

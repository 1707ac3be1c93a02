import { formatTable } from "@ligo/report";
import { UsageError, verify as verifyGrowth, type LayerDrift, type VerifyResult } from "@ligo/sdk";
import type { Call } from "../flags/given.js";
import type { CommandIo } from "../terminal/command-io.js";
import { judgedWords } from "../terminal/judged-words.js";
import { handlesOf } from "../terminal/watch.js";
import { jsonKeys, printResult } from "./print-result.js";

/** `ligo verify`. */
export async function verify(call: Call, io: CommandIo): Promise<void> {
  const [small = "", grown = ""] = call.sources;
  const result = await verifyGrowth(small, grown, { ...call.settings, ...handlesOf(call, io) });
  printResult(call, io, jsonKeys(result) as object, describe(result));
  if (call.face.strict === true && result.verdict === "changed") {
    throw new UsageError("cli/function-changed", `${grown} does not compute what ${small} does.`, {
      file: grown,
      expected: `differences up to ${result.tolerance}`,
      actual: result.verdict,
    });
  }
}

function describe(result: VerifyResult): string {
  const { inputs, losses, outputs, drift, reasons, verdict } = result;
  const rows = Object.entries(outputs).map(([name, { max, mean, kl }]) => [
    name,
    small(max),
    small(mean),
    small(kl),
  ]);
  const table = formatTable([["output", "max difference", "mean difference", "KL"], ...rows]);
  const loss =
    losses === null
      ? ""
      : `\n${losses.objective} loss on ${losses.of}: ${losses.small.toFixed(4)} small, ${losses.grown.toFixed(4)} grown` +
        `${judgedWords(losses.judged, ", ")}\n`;
  const stacks = Object.entries(drift).map(([name, layers]) => `\n${driftTable(name, layers)}`);
  const why = reasons.map((reason) => `- ${reason}\n`).join("");
  return (
    `On ${inputs} inputs:\n${table}${loss}${stacks.join("")}\n` +
    `The function is ${verdict}.\n${why}`
  );
}

const small = (value: number): string => value.toExponential(2);

function driftTable(stack: string, layers: readonly LayerDrift[]): string {
  return formatTable([
    [`after layers of ${stack}`, "as small after", "drift", "alignment", "scale"],
    ...layers.map(({ layer, of, drift, alignment, scale }) => [
      String(layer),
      String(of),
      drift === null ? "-" : small(drift),
      alignment.toFixed(4),
      scale.toFixed(3),
    ]),
  ]);
}

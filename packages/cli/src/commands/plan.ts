import { engineSpeed, plan as planGrowth } from "@ligo/sdk";
import { jsonKeys, type PlanSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { planDetails } from "./plan-details.js";
import { describePlan } from "./plan-words.js";
import { printResult } from "./print-result.js";

/** What a plan without details ends with. */
const MORE = "Every tensor, and how a step is computed: --details\n";

/** `ligo plan`. */
export async function plan(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  // the library checks them
  const settings = call.settings as unknown as PlanSettings;
  const report = await planGrowth(checkpoint, { ...settings, ...handlesOf(call, io) });
  const { parameters: _both, ...json } = report;
  const { details, json: isJson } = call.face;
  if (isJson === true) return printResult(call, io, jsonKeys(json) as object, "");
  io.live([[{ text: "measuring this machine ...", style: "faint" }]]);
  const words = describePlan(report, await engineSpeed());
  const more = details === true ? planDetails(report) : MORE;
  printResult(call, io, json, `${words}\n${more}`);
}

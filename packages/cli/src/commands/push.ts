import { formatTable } from "@ligo/report";
import { push as pushModel } from "@ligo/sdk";
import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo push`. */
export async function push(call: Call, io: Terminal): Promise<void> {
  const [folder = "", name = ""] = call.sources;
  const result = await pushModel(folder, name, { ...call.settings, ...handlesOf(call, io) });
  const isDryRun = call.settings["dryRun"] === true;
  printResult(call, io, jsonKeys(result) as object, describe(result, isDryRun));
}

const megabytes = (size: number): string => `${(size / 1e6).toFixed(size < 1e6 ? 3 : 1)} MB`;

function describe(
  { created, skipped, uploaded, url, visibility }: Awaited<ReturnType<typeof pushModel>>,
  isDryRun: boolean,
): string {
  const made = isDryRun ? "would be made" : "was made";
  const sent = isDryRun ? "would be sent" : "sent";
  return [
    `${url}${created ? `, which ${made} ${visibility}` : ""}\n`,
    uploaded.length === 0 ? "Everything is there already.\n" : "",
    formatTable([
      ...uploaded.map(({ path, size }) => [path, megabytes(size), sent]),
      ...skipped.map((path) => [path, "", "is there"]),
    ]),
  ].join("");
}

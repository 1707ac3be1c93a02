import { formatShape } from "@ligo/report";
import { forward as forwardModel, UsageError } from "@ligo/sdk";
import type { ForwardSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo forward`. */
export async function forward(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  // the library checks them
  const settings = call.settings as unknown as ForwardSettings;
  const { output } = settings;
  if (output === undefined) {
    throw new UsageError("cli/no-output", "Say where the outputs go: --output <file>.", {
      expected: "--output",
    });
  }
  const { loss, outputs } = await forwardModel(checkpoint, { ...settings, ...handlesOf(call, io) });
  const shapes = Object.fromEntries([...outputs].map(([name, { shape }]) => [name, shape]));
  const names = Object.entries(shapes).map(([name, shape]) => `${name} ${formatShape(shape)}`);
  const words = `${output}: ${names.join(", ")}\n${loss === undefined ? "" : `loss ${loss}\n`}`;
  printResult(
    call,
    io,
    { output, outputs: shapes, ...(loss === undefined ? {} : { loss }) },
    words,
  );
}

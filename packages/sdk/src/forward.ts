import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { OutputError, writeSafetensors } from "@ligo/checkpoint";
import type { Handles } from "./context.js";
import type { ForwardResult } from "./models/forward-result.js";
import type { ModelSource } from "./models/model-source.js";
import { open } from "./open.js";
import { check } from "./settings/check.js";
import { forwardSettings } from "./settings/forward.js";
import { splitHandles } from "./settings/handles.js";
import type { ForwardSettings } from "./settings/types.generated.js";

/** Runs a model's forward pass on given inputs; outputs are float32, and written to a file where one is named. */
export async function forward(
  from: ModelSource,
  given: ForwardSettings & Handles,
): Promise<ForwardResult> {
  const { handles, settings: plain } = splitHandles(given);
  const { settings } = check(forwardSettings, plain);
  const { architecture, engine, inputs, output } = settings;
  if (output !== undefined) checkOutput(output);
  const model = await open(from, { ...handles, architecture, engine });
  try {
    const found = await model.forward({ inputs });
    if (output === undefined) return found;
    await writeSafetensors(
      output,
      [...found.outputs].map(([name, { shape, data }]) => ({ name, shape, data: () => data })),
    );
    return { ...found, output };
  } finally {
    await model.close();
  }
}

function checkOutput(output: string): void {
  if (existsSync(output)) {
    throw new OutputError(
      "output/exists",
      `${output} exists already. Choose another name, or remove it.`,
      { file: output },
    );
  }
  if (existsSync(dirname(output))) return;
  throw new OutputError(
    "output/not-writable",
    `${output} cannot be written: its folder does not exist. Create it first.`,
    { file: output, expected: `the folder ${dirname(output)}` },
  );
}

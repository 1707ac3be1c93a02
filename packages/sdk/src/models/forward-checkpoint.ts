import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { OutputError, writeSafetensors } from "@ligo/checkpoint";
import { loadEngine, type EngineName } from "./load-engine.js";
import { loadModel } from "./load-model.js";
import { readInputs } from "./model-inputs.js";
import { openModel, type OpenModelOptions } from "./open-model.js";
import { runForward } from "./run-forward.js";

export interface ForwardOptions extends OpenModelOptions {
  readonly checkpoint: string;
  /** A safetensors file with what the model takes: `input_ids`, `pixel_values`, `labels`, ... */
  readonly inputs: string;
  /** The safetensors file to write; must not exist. */
  readonly output: string;
  readonly engine?: EngineName | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ForwardResult {
  readonly output: string;
  /** Shapes of the outputs by name. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Where the inputs hold labels. */
  readonly loss?: number;
}

/** Runs a checkpoint's forward pass on given inputs and writes its outputs as F32. */
export async function forwardCheckpoint(options: ForwardOptions): Promise<ForwardResult> {
  const { output } = options;
  if (existsSync(output)) {
    throw new OutputError(
      "output/exists",
      `${output} exists already. Choose another name, or remove it.`,
      { file: output },
    );
  }
  if (!existsSync(dirname(output))) {
    throw new OutputError(
      "output/not-writable",
      `${output} cannot be written: its folder does not exist. Create it first.`,
      { file: output, expected: `the folder ${dirname(output)}` },
    );
  }
  const model = await openModel(options.checkpoint, options);
  try {
    const inputs = await readInputs(options.inputs, (await loadModel(model.spec)).inputs);
    const engine = await loadEngine(options.engine ?? "auto");
    const outputs = await runForward(engine, model, inputs, { signal: options.signal });
    await writeSafetensors(
      output,
      [...outputs].map(([name, { shape, data }]) => ({ name, shape, data: () => data })),
    );
    const loss = outputs.get("loss")?.data[0];
    return {
      output,
      outputs: Object.fromEntries([...outputs].map(([name, { shape }]) => [name, shape])),
      ...(loss === undefined ? {} : { loss }),
    };
  } finally {
    await model.close();
  }
}

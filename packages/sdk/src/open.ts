import { openContext, type Context, type Handles } from "./context.js";
import { createJudge, type Judge } from "./evaluation/judge.js";
import type { EvaluateResult } from "./evaluation/evaluation.js";
import { chooseEngine } from "./models/choose-engine.js";
import { createForwardPass } from "./models/forward-pass.js";
import type { ForwardResult } from "./models/forward-result.js";
import { loadEngine } from "./models/load-engine.js";
import { loadModel } from "./models/load-model.js";
import { readInputs } from "./models/model-inputs.js";
import type { ModelSource } from "./models/model-source.js";
import { openModel } from "./models/open-model.js";
import { check } from "./settings/check.js";
import { evaluateSettings } from "./settings/evaluate.js";
import { splitHandles } from "./settings/handles.js";
import { openSettings } from "./settings/open.js";
import type {
  CheckedOpenSettings,
  EvaluateSettings,
  ForwardSettings,
  OpenSettings,
} from "./settings/types.generated.js";

/** A model that is open: its forward pass and its evaluations are compiled once. */
export interface OpenModel {
  readonly architecture: string;
  /** Hugging Face class. */
  readonly className: string;
  /** Runs the forward pass; it is compiled once for every shape of inputs. */
  forward(given: Pick<ForwardSettings, "inputs">): Promise<ForwardResult>;
  /** Judges the model on data; it is compiled once for equal settings. */
  evaluate(given: Omit<EvaluateSettings, "engine" | "architecture">): Promise<EvaluateResult>;
  /** Lets go of files and compiled programs. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a model, to ask it again and again. The caller closes it, or lets `await using` do so. */
export async function open(
  from: ModelSource,
  given: OpenSettings & Handles = {},
): Promise<OpenModel> {
  const { handles, settings: plain } = splitHandles(given);
  const { settings } = check(openSettings, plain);
  const { context, release, run } = openContext(handles);
  try {
    const model = await run(() => openIn(from, settings, context));
    const close = async (): Promise<void> => {
      release();
      await model.close();
    };
    return {
      ...model,
      forward: (asked) => run(() => model.forward(asked)),
      evaluate: (asked) => run(() => model.evaluate(asked)),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function openIn(
  from: ModelSource,
  { architecture, engine: asked }: CheckedOpenSettings,
  context: Context,
): Promise<Omit<OpenModel, typeof Symbol.asyncDispose>> {
  const model = await openModel(from, { ...context, architecture });
  const { spec } = model;
  try {
    const engineName = await chooseEngine(asked, context);
    const engine = await loadEngine(engineName);
    const pass = createForwardPass(engine, model, { signal: context.signal });
    const judges = new Map<string, Promise<Judge>>();
    return {
      architecture: spec.layout.architecture,
      className: spec.className,
      async forward({ inputs }) {
        const outputs = await pass.run(await readInputs(inputs, (await loadModel(spec)).inputs));
        return { outputs, loss: outputs.get("loss")?.data[0], output: undefined };
      },
      async evaluate(judged) {
        const own = { ...judged, engine: engineName, architecture };
        const { given: names, settings } = check(evaluateSettings, own);
        const key = JSON.stringify(settings);
        const judge =
          judges.get(key) ?? createJudge(model, engine, settings, { ...context, given: names });
        judges.set(key, judge);
        judge.catch(() => judges.delete(key));
        return (await judge).judge();
      },
      async close() {
        await pass.dispose();
        for (const judge of judges.values())
          await judge.then(
            ({ dispose }) => dispose(),
            () => undefined,
          );
        await model.close();
      },
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

import type { Context } from "../context.js";
import { UsageError } from "../usage-error.js";
import { ENGINE_NAME, ENGINE_NAMES, type EngineName, type OwnEngineName } from "./engine-name.js";

/** An engine that was chosen, and a sentence that says why. */
export interface EngineChoice {
  readonly engine: OwnEngineName;
  readonly reason: string;
}

/** Facts that a choice is made by, each looked for when it is asked for. */
export interface ChoosingFacts extends Pick<
  typeof import("@ligo/engine/adapters"),
  "plainlyNoGpu" | "webgpuAdapter"
> {
  hasNativeTensorFlow(): boolean;
  /** Starts TensorFlow on a GPU, or throws why it cannot be. */
  startTensorFlow(): Promise<unknown>;
}

/** Reason of an engine that the user named: nothing to be told of. */
const NAMED = "LIGO_ENGINE names it.";

let choice: Promise<EngineChoice> | undefined;

/** The engine that `auto` stands for on this machine, looked for once a process. */
export async function autoEngine(): Promise<EngineChoice> {
  const named = await engineOfEnvironment();
  if (named !== undefined) return named;
  choice ??= choosingFacts().then(chooseByMachine);
  return choice;
}

async function choosingFacts(): Promise<ChoosingFacts> {
  const [{ createTensorFlowEngine, hasNativeTensorFlow }, adapters] = await Promise.all([
    import("@ligo/engine"),
    import("@ligo/engine/adapters"),
  ]);
  return { ...adapters, hasNativeTensorFlow, startTensorFlow: () => createTensorFlowEngine() };
}

/** The engine that `LIGO_ENGINE` names for `auto`; `undefined` where it names none. */
export async function engineOfEnvironment(): Promise<EngineChoice | undefined> {
  const named = namedEngine();
  if (named === undefined) return undefined;
  return { reason: NAMED, ...(await askedEngine(named)) };
}

/** The engine that the environment variable `LIGO_ENGINE` names; throws `sdk/bad-engine` where it names none. */
function namedEngine(): OwnEngineName | undefined {
  const named = process.env["LIGO_ENGINE"] ?? "";
  if (named === "" || named === "auto") return undefined;
  if (ENGINE_NAME.test(named)) return named as OwnEngineName;
  throw new UsageError(
    "sdk/bad-engine",
    `The environment variable LIGO_ENGINE is "${named}"; it must be ${ENGINE_NAMES}.`,
    { expected: ENGINE_NAMES, actual: named },
  );
}

/**
 * `tensorflow` where its package is installed and uses a GPU (who installed it wants it), else `webgpu` where its adapter is
 * no renderer in software, else `onnx`. Where files tell that there is no GPU, nothing is started to look for one.
 */
export async function chooseByMachine(facts: ChoosingFacts): Promise<EngineChoice> {
  const failure = facts.hasNativeTensorFlow() ? await failureOf(facts.startTensorFlow()) : "";
  if (failure === undefined)
    return { engine: "tensorflow", reason: "TensorFlow is installed and uses a GPU." };
  const search = facts.plainlyNoGpu() ?? (await facts.webgpuAdapter());
  const { adapter } = search;
  if (adapter?.isSoftware === false)
    return { engine: "webgpu", reason: `${adapter.name} computes, through ${adapter.backend}.` };
  const reason =
    search.adapter === undefined
      ? search.reason
      : `${search.adapter.name} computes in software, as far as its driver tells: no GPU.`;
  return { engine: "onnx", reason: [failure, reason].filter(Boolean).join(" ") };
}

/** The first line of the error that an engine fails to start with; `undefined` where it starts. */
async function failureOf(starting: Promise<unknown>): Promise<string | undefined> {
  try {
    await starting;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split("\n")[0];
  }
}

/** Another name for the same engine. */
const ALIASES: Readonly<Record<string, OwnEngineName>> = { "onnx:webgpu": "webgpu" };

/** The one name of an engine that has two. */
export const ownName = (name: OwnEngineName): OwnEngineName => ALIASES[name] ?? name;

/**
 * The engine that a caller asked for, by its own name: it is what a run seals. Tells which one `auto` took, where the
 * user did not name it, and what WebGPU computes on. Throws `engine/no-adapter` where `webgpu` was asked for and finds nothing to compute on.
 */
export async function chooseEngine(
  asked: EngineName,
  { emit }: Pick<Context, "emit">,
): Promise<OwnEngineName> {
  const { engine, reason } = await (asked === "auto" ? autoEngine() : askedEngine(asked));
  if (reason !== undefined && reason !== NAMED) emit({ type: "engine", engine, reason });
  return engine;
}

/** An engine that was asked for by name. A renderer in software is taken, and called so. */
async function askedEngine(
  asked: OwnEngineName,
): Promise<Partial<EngineChoice> & { readonly engine: OwnEngineName }> {
  const engine = ownName(asked);
  if (engine !== "webgpu") return { engine };
  const { webgpuAdapter } = await import("@ligo/engine/adapters");
  const search = await webgpuAdapter();
  if (search.adapter === undefined) {
    const { EngineError } = await import("@ligo/engine");
    throw new EngineError(
      "engine/no-adapter",
      `The engine webgpu finds nothing to compute on. ${search.reason} ${search.help}`,
      { expected: "an adapter of WebGPU", actual: search.reason },
    );
  }
  const { backend, isSoftware, name } = search.adapter;
  return {
    engine,
    reason: isSoftware
      ? `${name} computes, a renderer in software: slower than the engine onnx.`
      : `${name} computes, through ${backend}.`,
  };
}

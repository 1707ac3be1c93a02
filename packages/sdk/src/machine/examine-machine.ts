import { arch, freemem, release, totalmem, type as systemType } from "node:os";
import type { GraphicsDevice, WebGpuAdapter } from "@ligo/engine/adapters";
import {
  chooseByMachine,
  engineOfEnvironment,
  type ChoosingFacts,
  type EngineChoice,
} from "../models/choose-engine.js";
import { softwareVersions } from "../models/record-file.js";
import { engineReports, type EngineReport } from "./engine-reports.js";
import { places, type CacheFolder, type HubReport } from "./places.js";
import { nvidiaDevices } from "./nvidia-smi.js";
import { processor, processorText, type Processor } from "./processor.js";

/** All that decides how, and whether, models are computed on a machine. */
export interface MachineReport {
  readonly versions: Readonly<Record<string, string>>;
  /** Operating system, its release and the machine's kind: `Linux 6.8.0 x64`. */
  readonly system: string;
  readonly processor: Processor;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  /** Graphics cards, with or without a driver to compute on them. */
  readonly graphics: readonly GraphicsDevice[];
  /** Device that WebGPU takes; null where there is none. */
  readonly adapter: WebGpuAdapter | null;
  readonly engines: readonly EngineReport[];
  /** The engine that `auto` takes, and why. */
  readonly auto: EngineChoice;
  readonly caches: { readonly tokens: CacheFolder; readonly models?: CacheFolder };
  readonly hub: HubReport;
  /** Variables of the environment that are set and change any of this. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Seconds that an engine is measured for. */
const MEASURED = 1;
/** Seconds after which an engine that does not answer is given up. */
const DEADLINE = 60;

/**
 * Examines the machine: engines and whether each computes here, with the speed of a product, graphics cards, versions,
 * memory, caches. Engines are tried in processes of their own, about a second each; one that aborts is a line of the report.
 */
export async function examineMachine(): Promise<MachineReport> {
  const [engines, adapters] = await Promise.all([
    import("@ligo/engine"),
    import("@ligo/engine/adapters"),
  ]);
  const search = await adapters.webgpuAdapter();
  const own = processor();
  const cards = await graphics(adapters.graphicsDevices());
  const reports = await engineReports({
    providers: engines.onnxProviders(),
    search: search.adapter === undefined ? (adapters.plainlyNoGpu() ?? search) : search,
    hasTensorFlow: engines.hasNativeTensorFlow(),
    hasNvidia: cards.some(({ vendor }) => vendor === "NVIDIA"),
    processor: processorText(own),
    installTensorFlow: engines.TENSORFLOW_HELP,
    providerHelp: engines.providerHelp,
    measure: (engine) =>
      adapters.runProbe({ task: "rate", engine, seconds: MEASURED }, { deadline: DEADLINE }),
  });
  return {
    versions: { ...softwareVersions(), ...engines.engineVersions() },
    system: `${systemType()} ${release()} ${arch()}`,
    processor: own,
    memory: { total: totalmem(), free: freemem() },
    graphics: cards,
    adapter: search.adapter === undefined ? null : await withBinding(search.adapter, adapters),
    engines: reports,
    auto:
      (await engineOfEnvironment()) ??
      (await chooseByMachine(tried({ ...engines, ...adapters }, reports))),
    ...(await places(process.env)),
    variables: variables(process.env),
  };
}

/** Facts for the choice of `auto`, TensorFlow's from the process it was tried in: loaded here, it could end this one. */
function tried(
  engines: Omit<ChoosingFacts, "startTensorFlow">,
  reports: readonly EngineReport[],
): ChoosingFacts {
  return {
    ...engines,
    async startTensorFlow() {
      const report = reports.find(({ name }) => name === "tensorflow");
      if (report?.works !== true) throw new Error(report?.says);
    },
  };
}

/** Graphics cards, those of NVIDIA with their memory, as their driver tells it. */
async function graphics(devices: readonly GraphicsDevice[]): Promise<readonly GraphicsDevice[]> {
  const nvidia = await nvidiaDevices();
  if (nvidia.length === 0) return devices;
  return [...nvidia, ...devices.filter(({ vendor }) => vendor !== "NVIDIA")];
}

async function withBinding(
  adapter: WebGpuAdapter,
  { findBindingLimit }: Pick<typeof import("@ligo/engine/adapters"), "findBindingLimit">,
): Promise<WebGpuAdapter> {
  const maxBindingBytes = await findBindingLimit(adapter);
  if (maxBindingBytes === undefined) return adapter;
  return { ...adapter, limits: { ...adapter.limits, maxBindingBytes } };
}

/** Variables that choose engines, drivers and folders; none of them holds a secret. */
const VARIABLES = [
  "LIGO_ENGINE",
  "LIGO_TENSORFLOW",
  "LIGO_CACHE",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "VK_ADD_DRIVER_FILES",
  "CUDA_VISIBLE_DEVICES",
  "LD_LIBRARY_PATH",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HF_HUB_OFFLINE",
  "NODE_OPTIONS",
] as const;

function variables(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === "" ? [] : [[name, value] as const];
    }),
  );
}

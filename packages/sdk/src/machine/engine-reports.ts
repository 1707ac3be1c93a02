import type { AdapterSearch, ProbeOutcome, RatedEngine } from "@ligo/engine/adapters";
import type { OwnEngineName } from "../models/engine-name.js";

/** Whether an engine would compute on this machine. */
export interface EngineReport {
  readonly name: OwnEngineName;
  readonly works: boolean;
  /** Device that computes, or why none does. */
  readonly says: string;
  /** Commands and packages that bring what is missing. */
  readonly help?: string;
  /** Measured speed of float32 products of square matrices. */
  readonly rate?: { readonly size: number; readonly flopsPerSecond: number };
}

/** Facts and doings that engines are looked at by. */
export interface EngineFacts {
  /** Providers of onnxruntime. */
  readonly providers: readonly string[];
  readonly search: AdapterSearch;
  readonly hasTensorFlow: boolean;
  /** Whether an NVIDIA card is seen: only then is advice on CUDA of use. */
  readonly hasNvidia: boolean;
  /** Processor in words. */
  readonly processor: string;
  readonly installTensorFlow: string;
  readonly providerHelp: (provider: string) => string;
  /** Measures an engine in a process of its own. */
  readonly measure: (engine: RatedEngine) => Promise<ProbeOutcome>;
}

/** Providers of onnxruntime that compute on NVIDIA's cards. */
const OF_NVIDIA: ReadonlySet<string> = new Set(["cuda", "tensorrt"]);
const NO_NVIDIA = "It is for NVIDIA's cards, and none is seen.";

/** Tries every engine that may be asked for, one after the other: they would share the processor. */
export async function engineReports(facts: EngineFacts): Promise<readonly EngineReport[]> {
  const { hasNvidia, hasTensorFlow, processor, providers, search } = facts;
  const reports: EngineReport[] = [
    await measured(facts, "onnx", { library: "onnxruntime", provider: "cpu" }, processor),
    await webgpuReport(facts, search),
  ];
  if (hasTensorFlow)
    for (const device of ["gpu", "cpu"] as const) {
      const name = device === "gpu" ? "tensorflow" : "tensorflow:cpu";
      const says = device === "gpu" ? "TensorFlow on a GPU" : "TensorFlow on the processor";
      reports.push(await measured(facts, name, { library: "tensorflow", device }, says));
    }
  else
    reports.push({
      name: "tensorflow",
      works: false,
      says: hasNvidia ? "@tensorflow/tfjs-node-gpu is not installed." : NO_NVIDIA,
      ...(hasNvidia ? { help: facts.installTensorFlow } : {}),
    });
  for (const provider of providers) {
    if (provider === "cpu" || provider === "webgpu") continue;
    const engine = { library: "onnxruntime", provider } as const;
    const report = await measured(facts, `onnx:${provider}`, engine, `onnxruntime's ${provider}`);
    if (!report.works && !hasNvidia && OF_NVIDIA.has(provider)) {
      reports.push({ ...report, says: NO_NVIDIA });
      continue;
    }
    const help = facts.providerHelp(provider);
    reports.push(report.works || help === "" ? report : { ...report, help });
  }
  return reports;
}

async function webgpuReport(facts: EngineFacts, search: AdapterSearch): Promise<EngineReport> {
  if (search.adapter === undefined)
    return { name: "webgpu", works: false, says: search.reason, help: search.help };
  const { isSoftware, name } = search.adapter;
  const says = isSoftware ? `${name}, a renderer in software` : name;
  return measured(facts, "webgpu", { library: "onnxruntime", provider: "webgpu" }, says);
}

/** An engine by what its process answers; `says` where it works. */
async function measured(
  { measure }: EngineFacts,
  name: OwnEngineName,
  engine: RatedEngine,
  says: string,
): Promise<EngineReport> {
  const { answers, failure } = await measure(engine);
  const rate = answers.find((answer) => answer.type === "rate");
  if (rate !== undefined) {
    const { flopsPerSecond, size } = rate;
    return { name, works: true, says, rate: { size, flopsPerSecond } };
  }
  const refused = answers.find((answer) => answer.type === "refused");
  const message = refused?.message ?? failure ?? "It said nothing.";
  // the name of the function of onnxruntime that failed
  const [first = "", ...rest] = message.replace(/^OrtSessionOptions\w+: /u, "").split("\n");
  const help = rest.join("\n").trim();
  return { name, works: false, says: first, ...(help === "" ? {} : { help }) };
}

import { halfModel, repeatModel, splitModel, sumModel } from "./probe-models.js";
import type { ProbeAnswer, ProbeRequest } from "./probe-request.js";
import * as ort from "../onnx/onnxruntime.js";

// A process that is started by `run-probe.ts`: it answers by messages, and onnxruntime, Dawn and Vulkan print what they do.

const answer = (message: ProbeAnswer): void => void process.send?.(message);

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim();

/** Runs a model on x. Dawn validates sizes, so that a buffer too large is refused by its number and never made. */
async function run(model: Uint8Array, x: readonly number[]): Promise<void> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [
      {
        name: "webgpu",
        validationMode: "wgpuOnly",
      },
    ],
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 1,
  });
  await session.run({ x: new ort.Tensor("float32", x, [x.length]) });
  await session.release();
}

/** More storage buffers than any adapter gives to a shader. */
const PARTS = 64;
/** Elements of a tensor that no device holds: 400 GB. */
const TOO_MANY = 1e11;

async function findAdapter(): Promise<void> {
  try {
    await run(sumModel(), [1, 2]);
  } catch (error) {
    answer({ type: "refused", message: messageOf(error) });
    return;
  }
  answer({ type: "started" });
  try {
    await run(halfModel(), [1, 2]);
    answer({ type: "half-precision", supported: true });
  } catch (error) {
    if (/does not support/u.test(messageOf(error)))
      answer({ type: "half-precision", supported: false });
  }
  try {
    await run(
      splitModel(PARTS),
      Array.from({ length: PARTS }, () => 0),
    );
    answer({ type: "storage-buffers", most: PARTS + 1 });
  } catch (error) {
    const [, most] = /storage buffers.*Max is (\d+)/u.exec(messageOf(error)) ?? [];
    if (most !== undefined) answer({ type: "storage-buffers", most: Number(most) });
  }
  await run(repeatModel(TOO_MANY), [1]).catch(() => undefined);
}

async function answerTo(request: ProbeRequest): Promise<void> {
  // before the first session: the search for devices is told once, by the environment's log
  ort.env.logLevel = "info";
  if (request.task === "adapter") return findAdapter();
  if (request.task === "segments") {
    for (const elements of request.elements)
      await run(repeatModel(elements), [1]).catch(() => undefined);
    return;
  }
  try {
    const { measureRate } = await import("./measure-rate.js");
    answer({ type: "rate", ...(await measureRate(request.engine, request.seconds, request.rows)) });
  } catch (error) {
    answer({ type: "refused", message: messageOf(error) });
  }
}

await answerTo(JSON.parse(process.argv[2] ?? "") as ProbeRequest);
process.disconnect();

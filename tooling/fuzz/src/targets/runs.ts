import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { grow, resume, train, type ResumeSettings } from "@ligo/sdk";
import { InterruptedError, readMetrics } from "@ligo/sdk/runs";
import { readInput, type Input } from "../input.js";
import type { FileKind } from "../mutate/mutate.js";
import { holds, type Target } from "../target.js";
import { ARCHITECTURES, TEXT, writeBert } from "./models.js";

const architectures = ARCHITECTURES;
const TO = { hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3, intermediate_size: 24 };
const STEPS = {
  steps: 4,
  batch: 4,
  sequence: 8,
  heldOut: 4,
  engine: "reference",
  cache: false,
} as const;

interface Material {
  readonly checkpoint: string;
  readonly data: string[];
}

async function makeMaterial(folder: string): Promise<Material> {
  const data = join(folder, "text.txt");
  await writeFile(data, TEXT);
  return { checkpoint: await writeBert(join(folder, "small")), data: [data] };
}

const materialIn = (folder: string): Material => ({
  checkpoint: join(folder, "small"),
  data: [join(folder, "text.txt")],
});

/** Begins a run and stops it after its second step. */
async function stopped(
  run: (signal: AbortSignal, onEvent: (event: object) => void) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  try {
    await run(stop.signal, (event) => {
      if ("step" in event && "type" in event && event.type === "step" && event.step === 2)
        stop.abort();
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
}

const kindOf = (name: string): FileKind | undefined =>
  /(?:recipe|state)\.json$/.test(name)
    ? "sealed"
    : name.endsWith("metrics.jsonl")
      ? "json-lines"
      : undefined;

/** Runs that were stopped: they are taken up again up to the point where their first step is compiled. */
export const runs: Target = {
  name: "runs",
  weight: 1,
  kindOf,
  changes: (name) => !name.includes("tfevents"),
  async prepare(material) {
    const { checkpoint, data } = await makeMaterial(material);
    const settings = { ...STEPS, data, saveEvery: 1, architectures };
    const inputs: Input[] = [];
    for (const command of ["train", "grow"] as const) {
      const out = join(material, command);
      await stopped((signal, onEvent) =>
        command === "train"
          ? train(checkpoint, { ...settings, out, signal, onEvent })
          : grow(checkpoint, { ...settings, to: TO, out, signal, onEvent }),
      );
      inputs.push(readInput(out));
    }
    return inputs;
  },
  async open(material) {
    return {
      async read(folder) {
        const stop = new AbortController();
        let compiled = false;
        try {
          await resume(folder, {
            ...(materialIn(material) as ResumeSettings),
            architectures,
            signal: stop.signal,
            onEvent: ({ type }) => {
              if (type !== "compiled") return;
              compiled = true;
              stop.abort();
            },
          });
        } catch (error) {
          // stopped by us, after everything was checked
          if (!compiled || !(error instanceof InterruptedError)) throw error;
        }
        return { compiled };
      },
    };
  },
};

/** Runs that are over: their records, their models, their metrics. */
export const finishedRuns: Target = {
  name: "finished-runs",
  weight: 4,
  kindOf,
  changes: (name) => /\.jsonl?$/.test(name) && !name.includes("/"),
  async prepare(material) {
    const { checkpoint, data } = await makeMaterial(material);
    const settings = { ...STEPS, steps: 2, data, architectures };
    await train(checkpoint, { ...settings, out: join(material, "train") });
    await grow(checkpoint, { ...settings, to: TO, out: join(material, "grow") });
    return ["train", "grow"].map((name) => readInput(join(material, name)));
  },
  async open(material) {
    return {
      async read(folder) {
        const model = await resume(folder, {
          ...(materialIn(material) as ResumeSettings),
          architectures,
        });
        const sizes = [...model.tensors].map(([name, { data, shape }]) => {
          const count = shape.reduce((all, size) => all * size, 1);
          holds(data.length === count, () => `${name} has ${data.length} values of ${count}`);
          return count;
        });
        const metrics = await readMetrics(folder);
        holds(
          metrics.every(
            (line) => typeof line === "object" && line !== null && !Array.isArray(line),
          ),
          () => "a line of the metrics is no object",
        );
        return { command: model.command, tensors: sizes.length, metrics: metrics.length };
      },
    };
  },
};

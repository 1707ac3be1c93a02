import { readdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import type { Architecture } from "@ligo/core";
import { deit } from "@ligo/deit";
import { dinov2, dinov2WithRegisters } from "@ligo/dinov2";
import { gemma2, gemma3 } from "@ligo/gemma";
import { gptNeoX } from "@ligo/gpt-neox";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { qwen2, qwen3 } from "@ligo/qwen";
import { roberta } from "@ligo/roberta";
import { readRecordedCheckpoint, type RecordedCheckpoint } from "@ligo/testkit/checks";
import { vit } from "@ligo/vit";

const PACKAGES = fileURLToPath(new URL("../../../packages", import.meta.url));

/** Architectures by the folder of their package; where one has several, the type in the config tells which. */
const ARCHITECTURES: Readonly<Record<string, readonly Architecture[]>> = {
  bert: [bert],
  cait: [cait],
  deit: [deit],
  dinov2: [dinov2, dinov2WithRegisters],
  gemma: [gemma2, gemma3],
  "gpt-neox": [gptNeoX],
  gpt2: [gpt2],
  llama: [llama],
  modernbert: [modernBert],
  qwen: [qwen2, qwen3],
  roberta: [roberta],
  vit: [vit],
};

/** A tiny model that its original implementation ran, with its results. */
export interface RecordedModel {
  /** `llama/LlamaForCausalLM`. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly recorded: RecordedCheckpoint;
}

/** Folders of recorded models of a package, relative to its fixtures. */
function foldersOf(fixtures: string): readonly string[] {
  return readdirSync(fixtures, { recursive: true, encoding: "utf8" })
    .filter((path) => path.split(sep).at(-1) === "expected.safetensors")
    .map((path) => dirname(path))
    .toSorted();
}

/** Names of all recorded models of all architecture packages. */
export const recordedNames: readonly string[] = Object.keys(ARCHITECTURES).flatMap((name) =>
  foldersOf(join(PACKAGES, name, "src/__fixtures__")).map(
    (folder) => `${name}/${folder.replaceAll(sep, "/")}`,
  ),
);

/** Reads a recorded model by its name. */
export async function readRecordedModel(name: string): Promise<RecordedModel> {
  const [packageName = "", ...folder] = name.split("/");
  const recorded = await readRecordedCheckpoint(
    join(PACKAGES, packageName, "src/__fixtures__", ...folder),
  );
  const architectures = ARCHITECTURES[packageName] ?? [];
  const { model_type: type } = recorded.config;
  const architecture =
    architectures.find(({ modelTypes }) => modelTypes.includes(String(type))) ?? architectures[0];
  if (!architecture) throw new RangeError(`${name} is of no architecture.`);
  return { name, architecture, recorded };
}

import type { Architecture, RawConfig } from "@ligo/core";
import { localNamedPart } from "../models/hub-models.js";
import { loadModel } from "../models/load-model.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import type { LabelSource, TaskLabels } from "./task-kind.js";
import { taskKindOf } from "./task-kinds.js";

/** Class and labels of a model, where they are not those of its config. */
export interface ClassOptions {
  /** A class of the architecture: `BertForSequenceClassification`. Default: the config's. */
  readonly className?: string | undefined;
  /** Number of labels of its head; 1 for regression. Default: as many as the data have. */
  readonly labels?: number | undefined;
}

/**
 * The model of a config with another class or other labels, its config as Hugging Face would write it: the labels of a
 * classifier are those of the data, and texts are padded with the tokenizer's padding, or its end-of-text token, where the
 * config names none. Throws `sdk/unknown-class`, `sdk/bad-labels`, `sdk/no-labels` and what reading data throws.
 */
export async function withClass(
  architecture: Architecture,
  raw: RawConfig,
  file: string,
  { className, labels }: ClassOptions,
  source: LabelSource,
): Promise<ModelSpec> {
  const classes = className === undefined ? {} : { architectures: [className] };
  const wanted: RawConfig = { ...raw, ...classes };
  const plain = describeModel(architecture, { ...wanted, problem_type: null }, file);
  const { objectives } = await loadModel(plain);
  const [kind] = Object.values(objectives).flatMap((objective) => taskKindOf(objective) ?? []);
  if (kind?.labels?.by !== "data" && labels !== undefined) {
    throw new UsageError(
      "sdk/no-labels",
      `${plain.className} has no head of labels, so \`labels\` says nothing of it.`,
      {
        file,
        expected: "a class such as ...ForSequenceClassification or ...ForImageClassification",
        actual: plain.className,
      },
    );
  }
  const config = kind?.labels ? await labelled(wanted, kind.labels, labels, source) : wanted;
  return kind?.padded === true
    ? padded(architecture, config, file, source)
    : describeModel(architecture, config, file);
}

/** A config with the labels of its task in the place of its own. */
async function labelled(
  config: RawConfig,
  task: TaskLabels,
  count: number | undefined,
  source: LabelSource,
): Promise<RawConfig> {
  const { id2label: _names, label2id: _ids, num_labels: _count, ...body } = config;
  return task.by === "data" ? { ...body, ...(await task.read(source, count)) } : body;
}

/** The model of a config, to which the tokenizer's padding is added where it has none. */
async function padded(
  architecture: Architecture,
  config: RawConfig,
  file: string,
  source: LabelSource,
): Promise<ModelSpec> {
  const spec = describeModel(architecture, config, file);
  const padding = await paddingOf(spec, source);
  return padding === undefined
    ? spec
    : describeModel(architecture, { ...config, pad_token_id: padding }, file);
}

/** Padding by the tokenizer, where the config has none. */
async function paddingOf({ config }: ModelSpec, source: LabelSource): Promise<number | undefined> {
  if (typeof config["pad_token_id"] === "number") return undefined;
  const { loadTokenizer } = await import("@ligo/data");
  const folder = (await localNamedPart(source.tokenizer, "tokenizer", source)) ?? source.folder;
  const { special } = await loadTokenizer(folder, { requireMask: false });
  if (special.pad === undefined && special.end !== undefined) {
    source.emit({ type: "warning", code: "padded-with-end", token: special.end });
  }
  return special.pad ?? special.end;
}

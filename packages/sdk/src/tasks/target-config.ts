import type { Architecture, RawConfig } from "@ligo/core";
import { localData, localNamedPart } from "../models/hub-models.js";
import { loadModel } from "../models/load-model.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { labelledColumns } from "./labelled-columns.js";
import { classConfig, labelConfig } from "./label-config.js";
import { loadImagesPackage } from "./load-images-package.js";
import type { TaskOptions } from "./task-options.js";

/** The class that is wanted of a model, where it is not the one its config names. */
export interface ClassOptions {
  /** A class of the architecture: `BertForSequenceClassification`. Default: the config's. */
  readonly className?: string | undefined;
  /** Number of labels of its head; 1 for regression. Default: as many as the data have. */
  readonly labels?: number | undefined;
}

/** What labels are read from. */
type LabelSource = Pick<
  TaskOptions,
  | "data"
  | "downloads"
  | "emit"
  | "folder"
  | "labelColumn"
  | "signal"
  | "skipBadRows"
  | "textColumn"
  | "tokenizer"
>;

/** Objectives of labelled texts. */
const OF_LABELS = ["text-classification", "text-regression"];

/** Objective of images with one class each. */
const OF_IMAGES = "image-classification";
/** Objective of questions, whose labels are start and end. */
const OF_QUESTIONS = "question-answering";

/**
 * The model of a config with another class or other labels, its config as Hugging Face would write it: the labels of a
 * classifier are those of the data, and texts are padded with the tokenizer's padding, or its end-of-text token, where the
 * config names none. Throws `cli/unknown-class`, `cli/bad-labels`, `cli/no-labels` and what reading data throws.
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
  const { id2label: _names, label2id: _ids, num_labels: _count, ...body } = wanted;
  if (OF_IMAGES in objectives) {
    const { readImages } = await loadImagesPackage();
    const { classes } = await readImages(await localData(source.data, source));
    return describeModel(architecture, { ...body, ...classConfig(classes, labels) }, file);
  }
  const learnsLabels = OF_LABELS.some((name) => name in objectives);
  if (!learnsLabels && labels !== undefined) {
    throw new UsageError(
      "cli/no-labels",
      `${plain.className} has no head of labels, so --labels says nothing of it.`,
      {
        file,
        expected: "a class such as ...ForSequenceClassification or ...ForImageClassification",
        actual: plain.className,
      },
    );
  }
  if (OF_QUESTIONS in objectives) return padded(architecture, body, file, source);
  if (!learnsLabels) return describeModel(architecture, wanted, file);
  const { readLabelNames } = await import("@ligo/data");
  const found = await readLabelNames(await localData(source.data, source), {
    ...labelledColumns(source),
    skipBadRows: source.skipBadRows ?? false,
  });
  return padded(architecture, { ...body, ...labelConfig(found, labels) }, file, source);
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

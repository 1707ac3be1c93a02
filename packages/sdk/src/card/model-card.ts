import { basename, join } from "node:path";
import { isMethodName, methodNamed } from "@ligo/core/methods";
import { printable, shortened } from "@ligo/core/json";
import { writeFileAtomically } from "@ligo/checkpoint";
import { listedPackage } from "../models/architecture-packages.js";
import { CARD_NAME, type InheritedHead } from "./card-head.js";
import type { GrowthSummary } from "./growth-summary.js";

/** Facts of the training since a growth. */
export interface CardTraining {
  readonly objective: string;
  readonly steps: number;
  readonly heldOutLoss: number;
  readonly data: readonly string[];
}

/** Facts that a card is made of. */
export interface CardFacts {
  /** Name of the folder that is written. */
  readonly name: string;
  readonly modelType: string;
  readonly className: string;
  readonly growth: GrowthSummary;
  readonly training?: CardTraining | undefined;
  /** Head of the source's card. */
  readonly inherited: InheritedHead;
}

/** Page of the project, for readers of a card. */
const PROJECT = "https://github.com/ligo-ts/ligo";

/** Libraries that load checkpoints of other types than transformers does. */
const LIBRARIES: Readonly<Record<string, string>> = { cait: "timm" };

/** Tasks of the hub by the end of a class. */
const PIPELINES: readonly (readonly [RegExp, string])[] = [
  [/ForMaskedLM$|ForPreTraining$/u, "fill-mask"],
  [/ForCausalLM$|LMHeadModel$/u, "text-generation"],
  [/ForSequenceClassification$/u, "text-classification"],
  [/ForQuestionAnswering$/u, "question-answering"],
  [/ForImageClassification(?:WithTeacher)?$/u, "image-classification"],
  [/Model$/u, "feature-extraction"],
];

/** Writes the card of a grown model into its folder. */
export async function writeCard(folder: string, facts: CardFacts): Promise<void> {
  await writeFileAtomically(join(folder, CARD_NAME), await modelCard(facts));
}

/**
 * The model card of a grown model: a YAML head as the Hugging Face hub reads it, then source, sizes, method, data, losses
 * and how to load it. It names no folder of the machine it was made on.
 */
export async function modelCard(facts: CardFacts): Promise<string> {
  const { stringify } = await import("yaml");
  return [
    `---\n${stringify(headOf(facts), { lineWidth: 0 })}---`,
    `# ${plain(facts.name)}`,
    introduction(facts),
    sizes(facts.growth),
    "## Method",
    method(facts.growth),
    ...training(facts.training),
    "## Losses",
    losses(facts),
    "## Loading",
    loading(facts),
    "",
  ].join("\n\n");
}

/** Library that loads a checkpoint of a model type: `ligo` for types that only a package of others knows. */
const libraryOf = (modelType: string): string =>
  LIBRARIES[modelType] ?? (listedPackage(modelType) === undefined ? "ligo" : "transformers");

/** The data set of the hub that a path of data is of. */
const datasetOf = (path: string): string | undefined =>
  /^hf:\/\/datasets\/([^/@]+\/[^/@]+)/u.exec(path)?.[1];

function headOf(facts: CardFacts): Readonly<Record<string, unknown>> {
  const { className, growth, inherited, modelType, training: trained } = facts;
  const { license, license_link, license_name, language } = inherited;
  const pipeline = PIPELINES.find(([end]) => end.test(className))?.[1];
  const data = [...(growth.settings.data ?? []), ...(trained?.data ?? [])];
  const used = data.flatMap((one) => datasetOf(one) ?? []);
  const datasets = [...new Set([...(inherited.datasets ?? []), ...used])];
  return {
    ...(growth.source.hub === undefined ? {} : { base_model: growth.source.hub.name }),
    library_name: libraryOf(modelType),
    ...(pipeline === undefined ? {} : { pipeline_tag: pipeline }),
    tags: ["ligo", "model-growth", modelType],
    ...(license === undefined ? {} : { license }),
    ...(license_name === undefined ? {} : { license_name }),
    ...(license_link === undefined ? {} : { license_link }),
    ...(language === undefined ? {} : { language }),
    ...(datasets.length === 0 ? {} : { datasets }),
  };
}

/** A text of a file or a folder as it may stand in Markdown. */
const plain = (text: string): string =>
  shortened(printable(text), 200).replaceAll(/[`<>[\]|\\*_#]/gu, "\\$&");

/** The same in a span of code, where nothing is escaped. */
const code = (text: string): string =>
  `\`${shortened(printable(text), 200).replaceAll(/[`|\n\r]/gu, " ")}\``;

function sourceName({ source: { hub, path } }: GrowthSummary): string {
  if (hub !== undefined)
    return `[${plain(hub.name)}](https://huggingface.co/${encodeURI(hub.name)}) at \`${hub.commit.slice(0, 12)}\``;
  return path === null || path === undefined ? "a model in memory" : plain(basename(path));
}

function introduction({ className, growth, training: trained }: CardFacts): string {
  const then = trained === undefined ? "" : ", then trained on";
  return `\`${className}\`, grown from ${sourceName(growth)} with [LiGO for TypeScript](${PROJECT})${then}.`;
}

const grouped = (value: number): string => value.toLocaleString("en-US");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function sizes({ parameters, sizes: changed }: GrowthSummary): string {
  const rows = Object.entries(changed).map(([key, [before, now]]) => [
    code(key),
    before === null ? "" : String(before),
    String(now),
  ]);
  return table(
    ["", "source", "grown"],
    [["parameters", grouped(parameters.source), grouped(parameters.target)], ...rows],
  );
}

function method({ keeps_function, method: name, reasons, settings }: GrowthSummary): string {
  const used = settings.data ?? [];
  const known = isMethodName(name) ? methodNamed(name) : undefined;
  const words =
    known === undefined
      ? name === "operator"
        ? "An operator from a file, `operator.safetensors`."
        : `${code(name)}.`
      : `${code(known.name)}: ${known.says.replace(/\.$/u, "")} (${known.source}).`;
  const learned =
    known !== undefined && known.learns !== false && used.length > 0 && settings.steps
      ? ` Learned for ${settings.steps} steps.`
      : "";
  const kept = keeps_function
    ? "The grown model computes the function of its source."
    : `The function of the source is not kept: ${reasons.map(plain).join("; ")}.`;
  const data = used.length === 0 ? "" : ` Data: ${dataNames(used)}.`;
  return `${words}${learned}${data} ${kept} All settings, hashes of the inputs and the origin of every tensor are in \`ligo.json\`.`;
}

/** Data sets of the hub with their links, files and folders by their last names. */
const dataNames = (data: readonly string[]): string =>
  data
    .map((one) => {
      const name = datasetOf(one);
      if (name === undefined) return code(basename(one));
      return `[${plain(name)}](https://huggingface.co/datasets/${encodeURI(name)})`;
    })
    .join(", ");

function training(trained: CardTraining | undefined): readonly string[] {
  if (trained === undefined) return [];
  const { data, objective, steps } = trained;
  return [
    "## Training",
    `${grouped(steps)} steps of ${objective} on ${dataNames(data)}. The optimiser's settings are in \`ligo.json\`.`,
  ];
}

function losses({ growth, training: trained }: CardFacts): string {
  const { grown, small, start } = growth.losses;
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["source", small],
    ["grown, before learning", start === grown ? undefined : start],
    ["grown", grown],
    ["trained on", trained?.heldOutLoss],
  ];
  const known = rows.flatMap(([name, loss]) =>
    loss === undefined ? [] : [[name, loss.toFixed(4)]],
  );
  if (known.length === 0) return "None was measured: the model was grown without data.";
  const note =
    trained === undefined
      ? ""
      : "\n\nThe last loss may be of other data: `ligo.json` says of which.";
  return `${table(["model", "held-out loss"], known)}${note}`;
}

function loading({ className, modelType, name }: CardFacts): string {
  const folder = JSON.stringify(name);
  if (libraryOf(modelType) === "transformers")
    return `\`\`\`python\nfrom transformers import ${className}\n\nmodel = ${className}.from_pretrained(${folder})\n\`\`\``;
  const words =
    libraryOf(modelType) === "timm"
      ? "The weights have the names of timm: `timm.create_model` makes the model, `load_state_dict` takes them."
      : "";
  return `${words}\n\n\`\`\`ts\nimport { open } from "@ligo/sdk";\n\nconst model = await open(${folder});\n\`\`\``.trim();
}

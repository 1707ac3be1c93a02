import type { ErrorCode } from "./error-codes.js";

/** What an error says where no message stands beside its code in the sources. */
export const SAID: Readonly<Record<string, string>> = {
  "checkpoint/hole": "Bytes of a safetensors file belong to no tensor: it is damaged.",
  "checkpoint/index-not-json": "The index of shards is not JSON.",
  "checkpoint/not-json": "A JSON file of a checkpoint is not JSON.",
  "checkpoint/overflow": "A number is too large for the dtype that is written. Write float32.",
  "checkpoint/overlap": "Two tensors of a safetensors file share bytes: it is damaged.",
  "compare/output-exists":
    "The folder holds another comparison, or one that has begun. Go on with it, or choose another folder.",
  "data/bad-tokenizer": "The tokenizer is damaged, or not one that makes sense.",
  "data/unsupported-tokenizer": "The tokenizer has a part that is not known here.",
  "engine/no-runtime":
    "onnxruntime-node is not installed: npm leaves it out where its install script fails. Install it with --ignore-scripts.",
  "engine/provider": "onnxruntime cannot load the provider that was asked for.",
  "compare/not-json": "The results of a comparison that are given are not JSON.",
  "run/damaged-cell": "The result of a cell of a comparison is damaged. It is run again.",
  "run/damaged-known":
    "The results that were given to a comparison (`known`) are damaged in its folder. Remove them, and give them again.",
  "run/failed": "The run ended by an error without a code. Its message stands in status.json.",
  "run/exists": "The folder holds a run, finished or begun. Resume it, or choose another `out`.",
  "run/interrupted":
    "The work was stopped by its signal. The step under way is saved; resume goes on from there.",
  "run/not-a-run": "The folder holds no run that can be resumed.",
  "sdk/target-not-json": "The target config is not JSON.",
  "settings/invalid": "One or more settings are at fault; all faults are told at once.",
};

/** The first part of a code, and whose errors these are. */
const ROOMS: Readonly<Record<string, string>> = {
  checkpoint: "Reading and writing safetensors and `config.json` (`@ligo/checkpoint`)",
  cli: "The command line (`@ligo/cli`)",
  compare: "Comparisons (`@ligo/compare`)",
  config: "The keys of a `config.json`",
  data: "Texts, tables and tokenizers (`@ligo/data`)",
  engine: "Engines and devices (`@ligo/engine`)",
  hub: "The Hugging Face hub (`@ligo/hub`)",
  images: "Images (`@ligo/images`)",
  layout: "Tensors against the layout of their class",
  method: "Growing methods and their options",
  operator: "Operators and `operator.safetensors`",
  output: "Output folders",
  plan: "Source and target of a growth",
  run: "Runs and their folders",
  sdk: "Models, tasks and targets (`@ligo/sdk`)",
  settings: "Settings, flags and recipes",
  training: "Training (`@ligo/train`)",
};

const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*").replaceAll("_", "\\_");

function row({ classes, code, messages }: ErrorCode): string {
  const said = messages.length > 0 ? messages : [SAID[code] ?? ""];
  return `| \`${code}\` | ${said.map(cell).join("<br>")} | ${classes.map((name) => `\`${name}\``).join(", ")} |`;
}

/** `docs/reference/errors.md`. */
export function errorsPage(codes: readonly ErrorCode[]): string {
  const roomOf = ({ code }: ErrorCode): string => code.split("/")[0] ?? "";
  const rooms = [...new Set(codes.map(roomOf))];
  const sections = rooms.flatMap((room) => [
    `## \`${room}\``,
    "",
    `${ROOMS[room] ?? room}.`,
    "",
    "| code | message | class |",
    "| --- | --- | --- |",
    ...codes.filter((one) => roomOf(one) === room).map(row),
    "",
  ]);
  return [
    "# Errors",
    "",
    "<!-- Made from the sources by `npm run generate`; a test holds it. -->",
    "",
    "Everything thrown on purpose is a `LigoError` with a stable `code`, a message that says what is wrong, where, and what to do, and",
    "where they apply `file`, `tensor`, `expected` and `actual`. `LigoError.isInstance(error)` recognises one across copies of a package.",
    "The command line prints `error [code]: message` and ends with 2 where the input is at fault, with 130 where it was interrupted.",
    "",
    "In messages `<name>` and `…` stand for what is filled in. Names in backticks are settings; the command line prints them as flags.",
    "Codes without a class are told as one of several faults, or thrown by a helper as the class of their section.",
    "",
    ...sections,
  ].join("\n");
}

import {
  INDEX_NAME,
  TOKENIZER_FILES,
  WEIGHTS_NAME,
  companionPaths,
  conversionCommand,
  isPicklePath,
  isPickledShard,
} from "@ligo/checkpoint";
import { HubError } from "./hub-error.js";
import { DEFAULT_REVISION, describeRepository, type HubRepository } from "./hub-id.js";

export const CONFIG_NAME = "config.json";

/** Parts of a model that are wanted on their own. */
export type ModelPart = "config" | "tokenizer" | "processor";

const PARTS: Readonly<Record<ModelPart, readonly string[]>> = {
  config: [CONFIG_NAME],
  tokenizer: TOKENIZER_FILES,
  processor: ["preprocessor_config.json"],
};

/** The files of one part of a model. Throws `hub/file-not-found` where the first, without which it is none, is missing. */
export function partFiles(
  part: ModelPart,
  paths: readonly string[],
  repository: HubRepository,
): readonly string[] {
  const [first = ""] = PARTS[part];
  if (paths.includes(first)) return PARTS[part].filter((path) => paths.includes(path));
  throw new HubError(
    "hub/file-not-found",
    `The model ${describeRepository(repository)} has no ${first}.`,
    { file: describeRepository(repository), expected: first },
  );
}

/** Name of a model card: it says under which licence a model is. */
const CARD_NAME = "README.md";

/** The files of a checkpoint but for shards: `config.json`, what goes along, the card, and the weights or their index. */
export function checkpointFiles(
  paths: readonly string[],
  repository: HubRepository,
): { readonly small: readonly string[]; readonly weights: string } {
  const weights = [WEIGHTS_NAME, INDEX_NAME].find((name) => paths.includes(name));
  if (weights === undefined) throw noSafetensors(paths, repository);
  const config = partFiles("config", paths, repository);
  const card = paths.filter((path) => path === CARD_NAME);
  return { small: [...config, ...companionPaths(paths), ...card], weights };
}

function noSafetensors(paths: readonly string[], repository: HubRepository): HubError {
  const pickles = paths.filter((path) => !path.includes("/") && isPickledShard(path));
  const others = paths.filter((path) => isPicklePath(path) || /\.(h5|msgpack|onnx)$/iu.test(path));
  const name = describeRepository(repository);
  const folder = repository.name.split("/").at(-1) ?? repository.name;
  const revision =
    repository.revision === DEFAULT_REVISION ? "" : ` --revision ${repository.revision}`;
  const convert =
    pickles.length === 0
      ? "Ask for a revision that has them, after an @."
      : "LiGO never loads a pickle, which can run any code. Convert it once with Python, then use the folder " +
        `./${folder}:\nhf download ${repository.name}${revision} --exclude "*.h5" "*.msgpack" "*.onnx" --local-dir ${folder}\n` +
        conversionCommand(
          pickles.map((path) => `${folder}/${path}`),
          `${folder}/${WEIGHTS_NAME}`,
        );
  return new HubError(
    "hub/no-safetensors",
    `The model ${name} has no ${WEIGHTS_NAME}${others.length === 0 ? "" : ` (it has ${others.slice(0, 3).join(", ")})`}. ${convert}`,
    { file: name, expected: `${WEIGHTS_NAME} or ${INDEX_NAME}`, actual: others.join(", ") },
  );
}

import { join } from "node:path";
import picomatch from "picomatch";
import { HubError } from "./hub-error.js";
import { createHubContext, type HubOptions } from "./hub-context.js";
import { describeRepository, type HubDataset } from "./hub-id.js";
import { openRevision } from "./open-revision.js";

/** Files of a dataset that hold data `ligo` reads. */
const DATA = /\.(txt|text|jsonl|ndjson|parquet)(\.gz)?$/iu;

/**
 * Downloads files of a dataset of the hub into the cache that Python's `huggingface_hub` uses, and returns their paths. The
 * path of a dataset is a file, a folder or a glob (`*`, `**`, `?`, `{a,b}`). Folders and whole datasets give their text,
 * jsonl and parquet files: only those for training, where some have `train` in their path. Throws `HubError` and
 * `OutputError`.
 */
export async function downloadDataset(
  dataset: HubDataset,
  options: HubOptions = {},
): Promise<readonly string[]> {
  const context = await createHubContext(options);
  const { repository } = dataset;
  const revision = await openRevision(repository, context);
  const { paths, folder } = revision;
  const chosen = chooseDataFiles(paths, dataset);
  const left = paths.filter((path) => DATA.test(path)).length - chosen.length;
  const name = describeRepository(repository);
  if (left > 0)
    context.reporter.note(`${name}: ${chosen.length} of its data files taken, ${left} left out.`);
  await revision.download(chosen);
  return chosen.map((path) => join(folder, ...path.split("/")));
}

/** The files a dataset's path names, sorted. Throws `hub/no-match`. */
export function chooseDataFiles(
  paths: readonly string[],
  { repository, path }: HubDataset,
): readonly string[] {
  const sorted = paths.toSorted();
  if (path !== undefined && sorted.includes(path)) return [path];
  const inside = sorted.filter((one) => path === undefined || one.startsWith(`${path}/`));
  const matched =
    path !== undefined && inside.length === 0
      ? sorted.filter(fitsGlob(path))
      : trainingFiles(inside.filter((one) => DATA.test(one)));
  if (matched.length > 0) return matched;
  const name = describeRepository(repository);
  throw new HubError(
    "hub/no-match",
    `The dataset ${name} has no ${path === undefined ? "text, jsonl or parquet file" : `file ${path}`}. It has ` +
      `${sorted.slice(0, 8).join(", ")}${sorted.length > 8 ? ` and ${sorted.length - 8} more` : ""}.`,
    { file: name, expected: path ?? ".txt, .jsonl or .parquet" },
  );
}

/** Datasets name their splits in paths; what a model is judged by must not be learned from. */
function trainingFiles(paths: readonly string[]): readonly string[] {
  const training = paths.filter((path) => /(?:^|[^a-z])train(?:ing)?(?:[^a-z]|$)/iu.test(path));
  return training.length > 0 ? training : paths;
}

/**
 * Characters that stand for themselves in our globs, but not in those of the library. Its ranges are among them: it takes
 * `{1..12}` for one of the characters 1 and 2.
 */
const LITERAL = /[[\]()!+@|"]|\{(?=[^{},]*\.\.)/gu;

function fitsGlob(glob: string): (path: string) => boolean {
  const matches = picomatch(glob.replaceAll(LITERAL, String.raw`\$&`), {
    dot: true,
    noextglob: true,
  });
  return (path) => matches(path);
}

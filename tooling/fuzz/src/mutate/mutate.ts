import type { Random } from "@ligo/core";
import type { Input } from "../input.js";
import { byteMutators } from "./bytes.js";
import { jsonMutators } from "./json.js";
import { gzipMutators, jsonLineMutators, lineMutators, yamlMutators } from "./lines.js";
import { chance, few, pick, type Mutator } from "./mutator.js";
import { parquetMutators } from "./parquet.js";
import { safetensorsMutators } from "./safetensors.js";
import { sealedMutators } from "./sealed.js";

/** What a file holds, and so how it is changed. */
export type FileKind =
  | "bytes"
  | "json"
  | "json-lines"
  | "lines"
  | "yaml"
  | "safetensors"
  | "parquet"
  | "sealed";

const MUTATORS: Readonly<Record<FileKind, readonly Mutator[]>> = {
  bytes: byteMutators,
  json: jsonMutators,
  "json-lines": jsonLineMutators,
  lines: lineMutators,
  yaml: yamlMutators,
  safetensors: safetensorsMutators,
  parquet: parquetMutators,
  sealed: sealedMutators,
};

const KIND_OF_EXTENSION: Readonly<Record<string, FileKind>> = {
  json: "json",
  jsonl: "json-lines",
  csv: "lines",
  tsv: "lines",
  txt: "lines",
  yaml: "yaml",
  safetensors: "safetensors",
  parquet: "parquet",
};

const extensionOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

function mutatorsOf(
  name: string,
  kindOf: (name: string) => FileKind | undefined,
): readonly Mutator[] {
  const kind = kindOf(name);
  if (kind !== undefined) return MUTATORS[kind];
  if (!name.endsWith(".gz")) return MUTATORS[KIND_OF_EXTENSION[extensionOf(name)] ?? "bytes"];
  return gzipMutators(mutatorsOf(name.slice(0, -".gz".length), kindOf));
}

/** How the files of a target are changed. */
export interface Changing {
  /** Files that are changed; default all. */
  readonly changes?: ((name: string) => boolean) | undefined;
  /** What a file holds, where its extension does not tell. */
  readonly kindOf?: ((name: string) => FileKind | undefined) | undefined;
}

/** How many changes an input gets at most. */
const MOST = 5;
/** Share of inputs in which a file is missing, where there are several. */
const MISSING = 0.01;

/** An input with some changes; those whose numbers are not in `kept` are left out. */
export function mutate(
  seed: Input,
  { changes = () => true, kindOf = () => undefined }: Changing,
  random: Random,
  kept?: ReadonlySet<number>,
): Input {
  const names = [...seed.keys()].filter(changes);
  const files = new Map(seed);
  const isKept = (change: number): boolean => kept === undefined || kept.has(change);
  if (names.length > 1 && chance(random, MISSING)) files.delete(pick(random, names));
  const count = few(random, MOST);
  for (let change = 0; change < count; change++) {
    // of its own, so that one can be left out and the others stay as they are
    const own = random.fork(`change ${change}`);
    const name = pick(own, names);
    const bytes = files.get(name);
    if (bytes === undefined || !isKept(change)) continue;
    files.set(name, changed(bytes, pick(own, mutatorsOf(name, kindOf)), own));
  }
  return files;
}

/** The bytes as they were, where changes before left values that this one cannot change: nested too deep, or of another type. */
function changed(bytes: Uint8Array, mutator: Mutator, random: Random): Uint8Array {
  try {
    return mutator(bytes, random);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return bytes;
    throw error;
  }
}

/** Numbers of the changes that an input may have. */
export const ALL_CHANGES: readonly number[] = Array.from({ length: MOST }, (_, index) => index);

import type { RawConfig } from "@ligo/core";
import { unnamedClasses } from "./class-names.js";
import { UsageError } from "../usage-error.js";

/** A class label that is no name. */
const CLASS_NUMBER = /^\d+$/;

/**
 * What a `config.json` says of a head that learns labels, as Hugging Face writes it. Numbers of classes go from 0 to the
 * largest; names are classes in the order of the alphabet, as in transformers' own GLUE script; any other number makes it a
 * regression.
 *
 * @param found the distinct labels of the data
 * @param asked number of labels: 1 for regression; default as the data have it
 * @throws UsageError `sdk/bad-labels` where they do not go together
 */
export function labelConfig(found: readonly string[], asked: number | undefined): RawConfig {
  const areClasses = found.every((label) => CLASS_NUMBER.test(label));
  const areNumbers = found.every((label) => label !== "" && Number.isFinite(Number(label)));
  if (asked === 1 || (asked === undefined && areNumbers && !areClasses)) {
    if (areNumbers) return describe(["LABEL_0"], "regression");
    const actual = found.find((label) => label === "" || !Number.isFinite(Number(label)));
    throw badLabels(
      `one label is a number to learn, but a label of the data is "${actual}"`,
      found,
    );
  }
  if (areClasses) {
    const largest = found.reduce((most, label) => Math.max(most, Number(label)), 0);
    if (asked !== undefined && largest >= asked) {
      throw badLabels(
        `${asked} labels go from 0 to ${asked - 1}, but the data have ${largest}`,
        found,
      );
    }
    return describe(unnamedClasses(asked ?? Math.max(2, largest + 1)), "classes");
  }
  const names = found.toSorted((a, b) => (a < b ? -1 : 1));
  if (names.length === (asked ?? Math.max(2, names.length))) return describe(names, "classes");
  throw badLabels(`${asked ?? 2} labels are wanted, but the data have ${names.length}`, found);
}

/**
 * The same of a head that tells apart classes that have names, in the order of their labels.
 *
 * @param asked number of classes; default as many as have names
 * @throws UsageError `sdk/bad-labels` where there are others
 */
export function classConfig(names: readonly string[], asked: number | undefined): RawConfig {
  if (asked === undefined || asked === names.length) return describe(names, "classes");
  throw badLabels(`${asked} labels are wanted, but the data have ${names.length}`, names);
}

function describe(names: readonly string[], kind: "classes" | "regression"): RawConfig {
  // Hugging Face's own names of two classes are its default, which it leaves out
  const isDefault = names.length === 2 && names.join() === unnamedClasses(2).join();
  return {
    ...(isDefault
      ? {}
      : {
          id2label: Object.fromEntries(names.map((name, label) => [String(label), name])),
          label2id: Object.fromEntries(names.map((name, label) => [name, label])),
        }),
    problem_type: kind === "regression" ? "regression" : "single_label_classification",
  };
}

/** Labels named in messages. */
const NAMED = 10;

function badLabels(reason: string, found: readonly string[]): UsageError {
  const some = found.slice(0, NAMED).join(", ");
  const actual = found.length > NAMED ? `${some}, ... (${found.length})` : some;
  return new UsageError(
    "sdk/bad-labels",
    `The labels do not fit: ${reason}. The data have: ${actual}. Check \`labels\` and \`labelColumn\`.`,
    { actual },
  );
}

import type { RawConfig } from "@ligo/core";
import type { FoundLabels } from "@ligo/data";
import { UsageError } from "../usage-error.js";
import { unnamedClasses } from "./class-names.js";
import { isNumber, wholeNumber } from "./label-text.js";

/** What a head learns: the names of its classes, in order, or numbers. */
type Head = { readonly classes: readonly string[] } | "numbers";

/**
 * The keys of a `config.json` for a head that learns labels, as Hugging Face writes them. Whole numbers from 0 (1 and 1.0 are
 * the same) are numbers of classes where they leave none out, and names of classes otherwise, in their order; other names are
 * classes in the order of the alphabet, as in transformers' own GLUE script; where all are numbers and some are not whole or
 * negative, they are numbers to learn. -1 is no label among classes.
 *
 * @param asked number of labels: 1 for regression; default as the data have it
 * @throws UsageError `sdk/bad-labels` where they do not go together
 */
export function labelConfig(found: FoundLabels, asked: number | undefined): RawConfig {
  const head = headOf(found, asked);
  return head === "numbers"
    ? describe(unnamedClasses(1), "regression")
    : describe(head.classes, "classes");
}

function headOf({ labels, minusOne }: FoundLabels, asked: number | undefined): Head {
  const texts = [...labels.keys()];
  const isDigits = texts.every((text) => /^\d+$/u.test(text));
  const words = texts.filter((text) => !isNumber(text));
  const placed = (text: string | undefined): string =>
    `${labels.get(text ?? "") ?? ""}: the label is ${JSON.stringify(text)}`;
  if (asked === 1) {
    if (words.length === 0) return "numbers";
    throw badLabels(`one label is a number to learn, but ${placed(words[0])}`, texts);
  }
  const [one] = minusOne.keys();
  if (texts.length < 2 && one !== undefined) {
    const rest =
      texts.length === 0 ? "there is no other" : `all others are ${JSON.stringify(texts[0])}`;
    throw badLabels(`${minusOne.get(one)}: ${one} stands for no class, and ${rest}`, [
      one,
      ...texts,
    ]);
  }
  if (words.length === 0) return numberedHead(texts, asked);
  // 01 beside 1
  const isMixed = !isDigits && words.length < texts.length;
  if (isMixed && asked !== texts.length) {
    throw badLabels(`${placed(words[0])}, while others are numbers`, texts);
  }
  return named(
    texts.toSorted((a, b) => (a < b ? -1 : 1)),
    asked,
  );
}

/** The head of labels that are numbers. */
function numberedHead(texts: readonly string[], asked: number | undefined): Head {
  const whole = texts.map(wholeNumber);
  if (whole.includes(undefined)) {
    if (asked === undefined) return "numbers";
    return named(
      texts.toSorted((a, b) => Number(a) - Number(b)),
      asked,
    );
  }
  const digits = [...new Set(whole as readonly string[])].toSorted(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );
  // digits beyond what a number holds are names too
  const largest = Number(digits.at(-1));
  if (asked !== undefined && largest < asked) return { classes: unnamedClasses(asked) };
  const leavesNoneOut = largest <= 1 || largest === digits.length - 1;
  if (asked === undefined && leavesNoneOut)
    return { classes: unnamedClasses(Math.max(2, largest + 1)) };
  if (asked === undefined || asked === digits.length) return { classes: digits };
  throw badLabels(`${asked} labels go from 0 to ${asked - 1}, but the data have ${largest}`, texts);
}

function named(names: readonly string[], asked: number | undefined): Head {
  if (names.length === (asked ?? Math.max(2, names.length))) return { classes: names };
  throw badLabels(`${asked ?? 2} labels are wanted, but the data have ${names.length}`, names);
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

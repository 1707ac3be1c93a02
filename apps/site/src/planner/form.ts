import { readConfig } from "./read-config.js";
import type { Target, Wishes } from "./plan.js";

/** The fields of the page, as text. */
export interface PlannerForm {
  from: string;
  source: string;
  kind: Target["kind"];
  word: string;
  parameters: string;
  keys: string;
  batch: string;
  sequence: string;
  learningSteps: string;
  budget: string;
  /** GFLOP a second. */
  rate: string;
}

export type ParsedForm =
  | { readonly wishes: Wishes; readonly error?: undefined }
  | { readonly wishes?: undefined; readonly error: string };

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, G: 1e9, T: 1e12 };

/** A number such as 128, 300M or 1.5B; NaN where it is none. */
export function parseAmount(text: string): number {
  const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([KMBGT]?)\s*$/iu.exec(text) ?? [];
  return digits === undefined
    ? Number.NaN
    : Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
}

const NUMBERS = {
  batch: "Batch",
  sequence: "Sequence",
  learningSteps: "Learning steps",
  budget: "Training",
  rate: "Rate",
} as const;

/** What the fields say, or the first thing that is wrong with them. */
export function parseForm(form: PlannerForm): ParsedForm {
  const source = readConfig(form.source);
  if (source.config === undefined) return { error: `Source: ${source.error}` };
  const numbers = Object.fromEntries(
    Object.keys(NUMBERS).map((name) => [name, parseAmount(form[name as keyof typeof NUMBERS])]),
  ) as Record<keyof typeof NUMBERS, number>;
  for (const [name, title] of Object.entries(NUMBERS)) {
    const value = numbers[name as keyof typeof NUMBERS];
    if (!(value > 0))
      return { error: `${title}: a number above 0 is expected, such as 8, 10M or 1.5B.` };
  }
  const to = targetOf(form);
  if (typeof to === "string") return { error: `Target: ${to}` };
  const from = form.from.trim() === "" ? "small" : form.from.trim();
  return { wishes: { source: source.config, from, to, ...numbers, rate: numbers.rate * 1e9 } };
}

function targetOf({ keys, kind, parameters, word }: PlannerForm): Target | string {
  if (kind === "word") return { kind, word: word.trim() };
  if (kind === "parameters") {
    const count = parseAmount(parameters);
    return count > 0
      ? { kind, parameters: count }
      : "a number of parameters is expected, such as 300M.";
  }
  const given = readConfig(keys);
  return given.config === undefined ? given.error : { kind, keys: given.config };
}

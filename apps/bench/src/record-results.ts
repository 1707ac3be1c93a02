import { basename, isAbsolute } from "node:path";
import type { ComparisonResults } from "@ligo/compare";

/** Digits that say all there is to say. */
const DIGITS = 7;

/**
 * Results as they are committed: names of the data without the folders of the machine they came from, numbers as short as
 * they can be, a cell a line, with the versions of what they were computed by.
 */
export function recordOf(
  results: ComparisonResults,
  versions: Readonly<Record<string, string>>,
): string {
  const { cells, comparison, sources, ...rest } = results;
  const { evaluation, source, tokenizer, tuningData, ...compared } = comparison;
  const named = (data: readonly string[]): readonly string[] => data.map((path) => basename(path));
  const head = {
    ...rest,
    versions: { ...rest.versions, ...versions },
    comparison: {
      ...compared,
      // a hub id is no path of this machine
      source: typeof source === "string" && isAbsolute(source) ? basename(source) : source,
      data: named(comparison.data),
      ...(tuningData === undefined ? {} : { tuningData: named(tuningData) }),
      ...(evaluation === undefined
        ? {}
        : { evaluation: evaluation.map((one) => ({ ...one, data: named(one.data) })) }),
      ...(tokenizer === undefined ? {} : { tokenizer: basename(tokenizer) }),
    },
    sources,
  };
  const short = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value)
      ? Number(value.toPrecision(DIGITS))
      : value;
  const text = JSON.stringify(head, short, 1);
  const lines = cells.map((cell) => JSON.stringify(cell, short)).join(",\n  ");
  return `${text.slice(0, -2)},\n "cells": [\n  ${lines}\n ]\n}\n`;
}

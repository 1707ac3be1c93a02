import { basename } from "node:path";
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
  const { tokenizer, ...compared } = comparison;
  const head = {
    ...rest,
    versions: { ...rest.versions, ...versions },
    comparison: {
      ...compared,
      data: comparison.data.map((path) => basename(path)),
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

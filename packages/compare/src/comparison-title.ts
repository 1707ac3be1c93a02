import { sizeText } from "@ligo/report";
import type { ComparedSizes, ComparisonResults } from "./results.js";

/** Rows that a title names. */
const NAMED = 8;

/** Title that a comparison has where its recipe gives none. */
const UNTITLED = "Comparison";

/** Sizes of a comparison; results of earlier versions have those of language models alone. */
export function sizesOf({
  counted,
  sizes,
}: Pick<ComparisonResults, "counted" | "sizes">): ComparedSizes | undefined {
  if (sizes !== undefined || counted === null) return sizes;
  const { source, target } = counted;
  return {
    source: { layers: source.layers, width: source.hidden },
    target: { layers: target.layers, width: target.hidden },
  };
}

/** Subject of a comparison in one line: its own title, the rows, and the sizes from small to large. */
export function comparisonTitle(
  results: Pick<ComparisonResults, "comparison" | "counted" | "sizes" | "title">,
): string {
  const sizes = sizesOf(results);
  const names = results.comparison.methods.map(({ name }) => name);
  const more = names.length - NAMED;
  const rows = more > 1 ? [...names.slice(0, NAMED), `${more} more`] : names;
  const growth = sizes && `${sizeText(sizes.source)} → ${sizeText(sizes.target)}`;
  const subject = [rows.join(", "), ...(growth === undefined ? [] : [growth])].join("; ");
  return results.title === UNTITLED ? subject : `${results.title}: ${subject}`;
}

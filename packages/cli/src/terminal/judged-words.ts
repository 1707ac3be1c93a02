import { formatCount } from "@ligo/report";
import type { JudgedAmount } from "@ligo/sdk";

/** Words that tell behind a loss how much of the held-out data it is of; none where that is not known. */
export function judgedWords(judged: JudgedAmount | undefined, join: string = " "): string {
  if (judged === undefined) return "";
  const { among, count, of } = judged;
  const part = count === among ? "all" : `${formatCount(count)} of`;
  return `${join}of ${part} ${formatCount(among)} ${of}`;
}

import type { Pattern } from "./patterns.js";

/** Part of a text, and whether it is where the text begins. */
export type Emit = (text: string, isFirst: boolean) => void;

/** Cuts a text into parts; `isFirst` where the whole input begins with it. */
export type Cut = (text: string, isFirst: boolean, emit: Emit) => void;

/** Fate of what a pattern matches: the names of `tokenizer.json`. */
export const BEHAVIORS = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;
export type Behavior = (typeof BEHAVIORS)[number];

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isMatch: boolean;
}

/** Cuts at the matches of a pattern; inverted, at what lies between them. */
export function cutAt(
  pattern: Pick<Pattern, "forEach">,
  behavior: Behavior,
  isInverted = false,
): Cut {
  return (text, isFirst, emit) => {
    const stretches = stretchesOf(text, pattern, isInverted);
    for (const { start, end } of behave(stretches, behavior)) {
      if (start < end) emit(text.slice(start, end), isFirst && start === 0);
    }
  };
}

function stretchesOf(
  text: string,
  pattern: Pick<Pattern, "forEach">,
  isInverted: boolean,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let before = 0;
  pattern.forEach(text, (start, end) => {
    if (before < start) stretches.push({ start: before, end: start, isMatch: isInverted });
    stretches.push({ start, end, isMatch: !isInverted });
    before = end;
  });
  if (before < text.length) {
    stretches.push({ start: before, end: text.length, isMatch: isInverted });
  }
  return stretches;
}

function behave(stretches: readonly Stretch[], behavior: Behavior): readonly Stretch[] {
  switch (behavior) {
    case "Removed":
      return stretches.filter(({ isMatch }) => !isMatch);
    case "Isolated":
      return stretches;
    case "Contiguous":
      return joined(stretches, (isMatch, wasMatch) => isMatch === wasMatch);
    case "MergedWithPrevious":
      return joined(stretches, (isMatch, wasMatch) => isMatch && !wasMatch);
    case "MergedWithNext":
      return joined(
        [...stretches].reverse(),
        (isMatch, wasMatch) => isMatch && !wasMatch,
      ).reverse();
  }
}

/** Joins a stretch with the one before where `isJoined` says so. */
function joined(
  stretches: readonly Stretch[],
  isJoined: (isMatch: boolean, wasMatch: boolean) => boolean,
): Stretch[] {
  const found: Stretch[] = [];
  let wasMatch = false;
  for (const stretch of stretches) {
    const before = found.at(-1);
    if (before !== undefined && isJoined(stretch.isMatch, wasMatch)) {
      found[found.length - 1] = {
        start: Math.min(before.start, stretch.start),
        end: Math.max(before.end, stretch.end),
        isMatch: before.isMatch,
      };
    } else found.push(stretch);
    wasMatch = stretch.isMatch;
  }
  return found;
}

/** A pattern of every character of a kind. */
export function charactersOf(isKind: (code: number) => boolean): Pick<Pattern, "forEach"> {
  return {
    forEach(text, visit) {
      for (let at = 0; at < text.length;) {
        const code = text.codePointAt(at) as number;
        const end = at + (code > 0xffff ? 2 : 1);
        if (isKind(code)) visit(at, end);
        at = end;
      }
    },
  };
}

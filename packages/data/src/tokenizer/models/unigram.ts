import { type JsonPart, TokenizerFault, wrong } from "../pipeline/json-part.js";
import { byteTokens } from "./byte-pair.js";
import type { Encode, Vocabulary } from "./vocabulary.js";

/** What an unknown character costs more than the least likely token. */
const UNKNOWN_PENALTY = 10;

interface Node {
  readonly children: Map<string, Node>;
  id: number;
}

/**
 * The most likely pieces of a word: of all ways to write it by tokens that with the highest sum of scores. Characters that no
 * token has are unknown, several in a row together.
 */
export function unigramModel(model: JsonPart, vocabulary: Vocabulary): Encode {
  const entries = model["vocab"] as readonly (readonly [string, number])[];
  const unknown = model["unk_id"] ?? undefined;
  if (unknown !== undefined && !(Number.isSafeInteger(unknown) && (unknown as number) in entries)) {
    throw wrong(model, "unk_id", `the place of a token among ${entries.length}`);
  }
  const fallsBack = model["byte_fallback"] ?? false;
  if (typeof fallsBack !== "boolean") throw wrong(model, "byte_fallback", "true or false");
  const scores = Float64Array.from(entries, ([, score]) => asRead(score));
  const unknownScore =
    scores.reduce((least, one) => Math.min(least, one), Infinity) - UNKNOWN_PENALTY;
  const root = trieOf(vocabulary);
  const unknownOf = (): number => {
    if (unknown !== undefined) return unknown as number;
    throw new TokenizerFault(`its model has no "unk_id", and the text has need of it`);
  };
  const idsOf = (piece: string): readonly number[] => {
    const id = vocabulary.get(piece);
    if (id !== undefined) return [id];
    return (fallsBack ? byteTokens(piece, vocabulary) : undefined) ?? [unknownOf()];
  };
  return (word) => {
    const path = bestPath(Array.from(word), root, scores, unknownScore, unknownOf);
    const ids: number[] = [];
    let unknownPiece = "";
    for (const { piece, id } of path) {
      if (unknown !== undefined && id === unknown) {
        unknownPiece += piece;
        continue;
      }
      if (unknownPiece !== "") ids.push(...idsOf(unknownPiece));
      unknownPiece = "";
      ids.push(...idsOf(piece));
    }
    if (unknownPiece !== "") ids.push(...idsOf(unknownPiece));
    return ids;
  };
}

/**
 * A number as the library's JSON reader has it: its digits as a whole number, divided by a power of ten, which rounds twice. It
 * decides between ways whose sums are equal but for rounding.
 */
function asRead(value: number): number {
  const [, digits = "0", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/u.exec(String(value)) ?? [];
  const power = Number(exponent) - fraction.length;
  const whole = Number(digits + fraction);
  const scale = Number(`1e${Math.abs(power)}`);
  const read = power < 0 ? whole / scale : whole * scale;
  return value < 0 ? -read : read;
}

function trieOf(vocabulary: Vocabulary): Node {
  const root: Node = { children: new Map(), id: -1 };
  for (const [token, id] of vocabulary) {
    let node = root;
    for (const character of token) {
      let child = node.children.get(character);
      if (child === undefined) {
        child = { children: new Map(), id: -1 };
        node.children.set(character, child);
      }
      node = child;
    }
    node.id = id;
  }
  return root;
}

interface Step {
  readonly piece: string;
  readonly id: number;
}

/** Best way to every place, from left to right; the first of equal ones is kept. */
function bestPath(
  characters: readonly string[],
  root: Node,
  scores: Float64Array,
  unknownScore: number,
  unknownOf: () => number,
): readonly Step[] {
  const size = characters.length;
  const best = new Float64Array(size + 1);
  const from = new Int32Array(size + 1).fill(-1);
  const ids = new Int32Array(size + 1);
  const offer = (start: number, end: number, score: number, id: number): void => {
    const sum = score + (best[start] as number);
    if (from[end] !== -1 && sum <= (best[end] as number)) return;
    best[end] = sum;
    from[end] = start;
    ids[end] = id;
  };
  for (let start = 0; start < size; start++) {
    let [node, isKnown] = [root as Node | undefined, false];
    for (let end = start + 1; end <= size; end++) {
      node = node?.children.get(characters[end - 1] as string);
      if (node === undefined) break;
      if (node.id < 0) continue;
      offer(start, end, scores[node.id] as number, node.id);
      if (end === start + 1) isKnown = true;
    }
    if (!isKnown) offer(start, start + 1, unknownScore, unknownOf());
  }
  const steps: Step[] = [];
  for (let end = size; end > 0; end = from[end] as number) {
    const start = from[end] as number;
    steps.push({ piece: characters.slice(start, end).join(""), id: ids[end] as number });
  }
  return steps.reverse();
}

import { expect, test } from "vitest";
import { createPieceTable, LONGEST_REMEMBERED } from "./piece-table.js";

const idsOf = (piece: string): number[] => Array.from(piece, (letter) => letter.charCodeAt(0));

function countingTable(): {
  readonly encodeAll: (text: string) => number[];
  readonly encoded: string[];
} {
  const encoded: string[] = [];
  const table = createPieceTable((piece) => {
    encoded.push(piece);
    return idsOf(piece);
  });
  return {
    encoded,
    encodeAll(text) {
      const ids: number[] = [];
      table.append(ids, text, 0, text.length);
      return ids;
    },
  };
}

test("a piece is encoded once, wherever it stands", () => {
  const encoded: string[] = [];
  const table = createPieceTable((piece) => {
    encoded.push(piece);
    return idsOf(piece);
  });
  const ids: number[] = [7];
  table.append(ids, "a cat", 2, 5);
  table.append(ids, "cats", 0, 3);
  table.append(ids, "cats", 0, 4);
  expect(ids).toEqual([7, ...idsOf("cat"), ...idsOf("cat"), ...idsOf("cats")]);
  expect(encoded).toEqual(["cat", "cats"]);
});

test("pieces without ids are remembered too, long ones are not", () => {
  let count = 0;
  const table = createPieceTable((piece) => {
    count++;
    return piece.length > LONGEST_REMEMBERED ? [1] : [];
  });
  const ids: number[] = [];
  for (let time = 0; time < 3; time++) table.append(ids, "x", 0, 1);
  expect(count).toBe(1);
  const long = "x".repeat(LONGEST_REMEMBERED + 1);
  for (let time = 0; time < 3; time++) table.append(ids, long, 0, long.length);
  expect(count).toBe(4);
  expect(ids).toEqual([1, 1, 1]);
});

test.each([
  { full: "of pieces", pieces: 140_000, length: 6 },
  { full: "of characters", pieces: 50_000, length: LONGEST_REMEMBERED },
])("where it is full $full it forgets, and still gives the right ids", ({ pieces, length }) => {
  const { encodeAll, encoded } = countingTable();
  const nameOf = (index: number): string => String(index).padStart(length, "x");
  for (let index = 0; index < pieces; index++) encodeAll(nameOf(index));
  expect(encoded).toHaveLength(pieces);
  for (let index = 0; index < pieces; index += 997) {
    expect(encodeAll(nameOf(index))).toEqual(idsOf(nameOf(index)));
  }
  expect(encoded.length).toBeGreaterThan(pieces);
});

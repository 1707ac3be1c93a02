import { expect, it } from "vitest";
import { checkKnown } from "./check-known.js";

const tokenizer = {
  files: ["model/tokenizer.json"],
  special: { unknown: 1, all: new Set([0, 1, 2]) },
};

function* texts(...lists: readonly (readonly number[])[]): Generator<Int32Array, void, undefined> {
  for (const ids of lists) yield Int32Array.from(ids);
}

it("text of which a tokenizer knows nothing is refused by name", () => {
  expect(() => checkKnown(texts([1, 1], [2, 1, 0]), tokenizer, ["a.txt", "b.txt"])).toThrow(
    expect.objectContaining({
      code: "sdk/nothing-known",
      message: expect.stringMatching(
        /^The tokenizer model\/tokenizer\.json knows nothing of a\.txt, b\.txt: .*nothing to predict/,
      ) as string,
    }) as Error,
  );
});

it("one known token is enough, and nothing is read behind it", () => {
  const ids = texts([1, 1], [1, 7], [1]);
  expect(() => checkKnown(ids, tokenizer, [])).not.toThrow();
  const all = [...texts([1, 1], [1, 7], [1])];
  let read = 0;
  const counting = (function* () {
    for (const one of all) {
      read++;
      yield one;
    }
  })();
  checkKnown(counting, tokenizer, []);
  expect(read).toBe(2);
});

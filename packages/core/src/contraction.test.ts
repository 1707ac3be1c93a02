import { describe, expect, it } from "vitest";
import { chooseOrder, contractionFlops, type Contraction } from "./contraction.js";

const base: Contraction = {
  tokens: 1000,
  oldIn: 2,
  newIn: 3,
  oldOut: 5,
  newOut: 7,
  identityBlock: false,
  sharedReaders: 1,
};

describe("contractionFlops", () => {
  it("counts three products, forward and twice backward", () => {
    expect(contractionFlops("materialise", base)).toBe(6 * (5 * 2 * 3 + 7 * 5 * 3 + 1000 * 3 * 7));
    expect(contractionFlops("input-first", base)).toBe(6 * 1000 * (3 * 2 + 2 * 5 + 5 * 7));
  });

  it("leaves out kept rows, and shares the product with x", () => {
    const kept = { ...base, identityBlock: true, sharedReaders: 2 };
    expect(contractionFlops("materialise", kept)).toBe(6 * (5 * 2 * 1 + 2 * 5 * 3 + 1000 * 3 * 7));
    expect(contractionFlops("input-first", kept)).toBe(6 * 1000 * ((1 * 2) / 2 + 2 * 5 + 5 * 2));
  });
});

describe("chooseOrder", () => {
  const bert = {
    oldIn: 256,
    newIn: 1024,
    oldOut: 256,
    newOut: 1024,
    identityBlock: true,
    sharedReaders: 3,
  };

  it("keeps the weight unbuilt for few tokens and for narrow sources, else builds it", () => {
    expect(chooseOrder({ ...bert, tokens: 1 })).toBe("input-first");
    expect(chooseOrder({ ...bert, tokens: 4096 })).toBe("input-first");
    const wide = { ...bert, oldIn: 900, oldOut: 900, identityBlock: false, sharedReaders: 1 };
    expect(chooseOrder({ ...wide, tokens: 16 })).toBe("input-first");
    expect(chooseOrder({ ...wide, tokens: 4096 })).toBe("materialise");
  });

  it("builds the weight where both cost the same", () => {
    const nothing = { ...base, tokens: 0, identityBlock: true, newIn: 2, newOut: 5 };
    expect(chooseOrder(nothing)).toBe("materialise");
  });
});

import { describe, expect, it } from "vitest";
import {
  chooseOrder,
  contractionCost,
  CONTRACTION_ORDERS,
  contractionFlops,
  type Contraction,
} from "./contraction.js";

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
    expect(contractionFlops("input-first", base)).toBe(
      6 * (1000 * 3 * 2 + 7 * 5 * 2 + 1000 * 2 * 7),
    );
    expect(contractionFlops("output-last", base)).toBe(
      6 * (5 * 2 * 3 + 1000 * 3 * 5 + 1000 * 5 * 7),
    );
    expect(contractionFlops("factored", base)).toBe(6 * 1000 * (3 * 2 + 2 * 5 + 5 * 7));
  });

  it("leaves out kept rows, and shares the product with x", () => {
    const kept = { ...base, identityBlock: true, sharedReaders: 2 };
    expect(contractionFlops("materialise", kept)).toBe(6 * (5 * 2 * 1 + 2 * 5 * 3 + 1000 * 3 * 7));
    expect(contractionFlops("factored", kept)).toBe(6 * 1000 * ((1 * 2) / 2 + 2 * 5 + 5 * 2));
  });

  it("leaves out kept rows of one side where the other's map is whole", () => {
    const written = { ...base, identityBlock: true, outputBlock: false };
    expect(contractionFlops("factored", written)).toBe(6 * 1000 * (1 * 2 + 2 * 5 + 5 * 7));
    const read = { ...base, outputBlock: true };
    expect(contractionFlops("factored", read)).toBe(6 * 1000 * (3 * 2 + 2 * 5 + 5 * 2));
    const passes = contractionCost("factored", read) - contractionFlops("factored", read);
    expect(passes).toBe(40 * 1000 * (2 * 7 + 5));
  });
});

describe("contractionFlops of a weight without a gradient", () => {
  it("counts the product that the weight stands in twice instead of three times", () => {
    const frozen = { ...base, frozenWeight: true };
    const saved = CONTRACTION_ORDERS.map(
      (order) => contractionFlops(order, base) - contractionFlops(order, frozen),
    );
    expect(saved).toEqual([2 * 5 * 2 * 3, 2 * 7 * 5 * 2, 2 * 5 * 2 * 3, 2 * 1000 * 2 * 5]);
  });
});

describe("contractionFlops of a weight beside which a frozen one stands", () => {
  it("counts a product of its own, forward and once backward, unless the sum is built", () => {
    const apart = { ...base, frozenPart: true };
    const added = CONTRACTION_ORDERS.map(
      (order) => contractionFlops(order, apart) - contractionFlops(order, base),
    );
    const product = 2 * 2 * 1000 * 3 * 7;
    expect(added).toEqual([0, product, product, product]);
  });
});

describe("contractionCost", () => {
  const passes = (contraction: Contraction): number[] =>
    CONTRACTION_ORDERS.map(
      (order) => contractionCost(order, contraction) - contractionFlops(order, contraction),
    );

  it("adds passes over activations where kept and new parts are split and joined", () => {
    const kept = { ...base, identityBlock: true, sharedReaders: 2 };
    const [input, output] = [40 * 1000 * ((2 * 3 + 2) / 2), 40 * 1000 * (2 * 7 + 5)];
    expect(passes(kept)).toEqual([0, input, output, input + output]);
    expect(passes(base)).toEqual([0, 0, 0, 0]);
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
    expect(chooseOrder({ ...bert, tokens: 1 })).toBe("factored");
    // the fewest operations, but for passes over the wide output
    expect(chooseOrder({ ...bert, tokens: 4096 })).toBe("input-first");
    const wide = { ...bert, oldIn: 900, oldOut: 900, identityBlock: false, sharedReaders: 1 };
    expect(chooseOrder({ ...wide, tokens: 16 })).toBe("factored");
    expect(chooseOrder({ ...wide, tokens: 4096 })).toBe("materialise");
  });

  it("never chooses a dearer order, and every order wins somewhere", () => {
    // BERT-Small -> Base at 64 x 128 tokens: query, first and second feed-forward product, query with full maps
    const sizes = [
      { oldIn: 512, newIn: 768, oldOut: 512, newOut: 768, sharedReaders: 3, tokens: 1024 },
      { oldIn: 512, newIn: 768, oldOut: 512, newOut: 768, sharedReaders: 3 },
      { oldIn: 512, newIn: 768, oldOut: 2048, newOut: 3072, sharedReaders: 1 },
      { oldIn: 2048, newIn: 3072, oldOut: 512, newOut: 768, sharedReaders: 1 },
      { oldIn: 512, newIn: 768, oldOut: 512, newOut: 768, sharedReaders: 1, identityBlock: false },
    ];
    const chosen = sizes.map((size) => {
      const contraction = { identityBlock: true, tokens: 8192, ...size };
      const order = chooseOrder(contraction);
      for (const other of CONTRACTION_ORDERS) {
        expect(contractionCost(order, contraction)).toBeLessThanOrEqual(
          contractionCost(other, contraction),
        );
      }
      return order;
    });
    expect(chosen).toEqual([
      "factored",
      "input-first",
      "input-first",
      "output-last",
      "materialise",
    ]);
  });

  it("builds the weight where both cost the same", () => {
    const nothing = { ...base, tokens: 0, identityBlock: true, newIn: 2, newOut: 5 };
    expect(chooseOrder(nothing)).toBe("materialise");
  });
});

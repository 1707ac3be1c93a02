import fc from "fast-check";
import { expect, it } from "vitest";
import { findDuplicateKey } from "./duplicate-key.js";

it.each([
  ['{"a":1,"a":2}', "a"],
  ['{"a":1,"\\u0061":2}', "a"],
  ['{"x":{"b":[1,{"c":1, "c" :2}]}}', "c"],
  ['{"quote\\"":1,"b":"\\\\","quote\\"":2}', 'quote"'],
  ['[{"a":1},{"a":1,"b":[],"b":0}]', "b"],
])("finds the key that %s has twice", (json, key) => {
  expect(findDuplicateKey(json)).toBe(key);
});

it.each(['{"a":"a","b":["a","a"]}', '{"a":{"a":{"a":1}}}', '"a"', "[]", '{"a":",\\"a\\":"}'])(
  "finds nothing in %s",
  (json) => {
    expect(findDuplicateKey(json)).toBeUndefined();
  },
);

it("finds nothing in what JSON.stringify writes, and every key that is repeated", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(),
      (object, pick) => {
        const json = JSON.stringify(object);
        expect(findDuplicateKey(json)).toBeUndefined();
        const keys = Object.keys(object);
        const key = keys[pick % keys.length]!;
        expect(findDuplicateKey(`${json.slice(0, -1)},${JSON.stringify(key)}:0}`)).toBe(key);
      },
    ),
    { seed: 1 },
  );
});

import { expect, it } from "vitest";
import { parseShard } from "./shard.js";

it("reads k/n", () => {
  expect(parseShard("1/1")).toEqual({ index: 1, count: 1 });
  expect(parseShard("10/12")).toEqual({ index: 10, count: 12 });
});

it.each(["", "2", "0/2", "3/2", "1/2/3", "-1/2", "1.5/2", "1/ 2", "a/b"])("refuses %j", (text) => {
  expect(parseShard(text)).toBeUndefined();
});

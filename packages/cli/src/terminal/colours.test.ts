import { expect, it } from "vitest";
import { painted, plainText, showsColours } from "./colours.js";

it.each<[boolean, boolean, Readonly<Record<string, string>>]>([
  [true, true, {}],
  [false, false, {}],
  [false, true, { NO_COLOR: "1" }],
  [true, true, { NO_COLOR: "" }],
  [true, false, { FORCE_COLOR: "1" }],
  [false, true, { FORCE_COLOR: "0" }],
  [true, false, { FORCE_COLOR: "3", NO_COLOR: "1" }],
  [false, true, { TERM: "dumb" }],
])("are shown: %s, where the stream is a terminal: %s, with %j", (shown, isTerminal, env) => {
  expect(showsColours(isTerminal, env)).toBe(shown);
});

it("are codes around the text, which stays what it was", () => {
  const words = ["a ", { text: "b", style: "error" }] as const;
  expect(plainText(words)).toBe("a b");
  expect(painted("b", "error")).toBe("\u001B[1m\u001B[31mb\u001B[39m\u001B[22m");
});

import { methods } from "@ligo/core";
import { expect, it } from "vitest";
import { ligo } from "../__fixtures__/run-ligo.js";
import { GROW_METHODS } from "@ligo/sdk";

it("--help lists every method there is, with where it is from", async () => {
  expect(Object.keys(GROW_METHODS)).toEqual(Object.keys(methods));
  const { code, stdout } = await ligo(["grow", "--help"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/u, "  "));
  for (const [name, { does, source }] of Object.entries(GROW_METHODS)) {
    expect(lines).toContain(`${name}  ${does} (${source})`);
  }
});

import { methodFacts } from "@ligo/sdk/settings";
import { expect, it } from "vitest";
import { ligo } from "../__fixtures__/run-ligo.js";

it("--help lists every method there is, with where it is from", async () => {
  const { code, stdout } = await ligo(["grow", "--help"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/u, "  "));
  for (const { name, says, source } of methodFacts) {
    expect(lines).toContain(`${name}  ${says} (${source})`);
  }
});

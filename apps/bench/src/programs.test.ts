import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const folder = fileURLToPath(new URL("../../../examples/", import.meta.url));

/** The lines that each program of examples/ says. */
const SAYS: Readonly<Record<string, readonly RegExp[]>> = {
  "grow-in-memory.ts": [
    /^\d+ parameters, held-out loss (\d\.\d{4})$/u,
    /^\d+ parameters, held-out loss (\d\.\d{4})$/u,
    /^The function is kept\.$/u,
    /^32,96$/u,
  ],
  "own-method.ts": [/^mirror /u, /^mirrored$/u],
  "own-architecture.ts": [
    /^function kept, outputs differ by \de-\d+ at most$/u,
    /^\d+ parameters, loss \d\.\d{3}$/u,
  ],
  "grow-while-training.ts": [
    /^2 layers, step 15, loss \d\.\d{3}$/u,
    /^4 layers, step 30, loss \d\.\d{3}$/u,
    /^8 layers, step 60, loss \d\.\d{3}$/u,
    /^held-out loss \d\.\d{3}$/u,
  ],
};

describe("programs of examples/", () => {
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    vi.spyOn(console, "log").mockImplementation((...words: readonly unknown[]) => {
      said.push(words.map((word) => String(word)).join(" "));
    });
    vi.spyOn(process, "argv", "get").mockReturnValue(["node", "program"]);
  });
  afterEach(() => vi.restoreAllMocks());

  it("are all here", () => {
    const programs = readdirSync(folder).filter(
      (file) => file.endsWith(".ts") && file !== "toy.ts",
    );
    expect(programs.toSorted()).toEqual(Object.keys(SAYS).toSorted());
  });

  it.each(Object.entries(SAYS))("%s", async (file, lines) => {
    await import(`${folder}${file}`);
    expect(said).toEqual(lines.map((line) => expect.stringMatching(line) as string));
    if (file !== "grow-in-memory.ts") return;
    // a function that is kept has the same loss
    const [small, grown] = said.map((line) => Number(/loss (.*)$/u.exec(line)?.[1]));
    expect(grown).toBeCloseTo(small ?? Number.NaN, 3);
  });
});

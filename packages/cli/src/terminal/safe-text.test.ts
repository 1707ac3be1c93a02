import { describe, expect, it } from "vitest";
import { openTerminal, type Terminal } from "./terminal.js";

const TOKEN = "token-of/mine+1";

/** Begins a line that is drawn over. */
const REDRAWN = "\r\u001B[K";

function written(write: (io: Terminal) => void, colours = false): string {
  let text = "";
  const put = (part: string): void => void (text += part);
  const shown = { stdout: colours, stderr: colours };
  const io = { stdout: put, stderr: put, interactive: true, colours: shown };
  write(openTerminal(io, { HF_TOKEN: ` ${TOKEN}\n` }));
  return text;
}

describe("what is written", () => {
  it("is as it was, where nothing is in it", () => {
    const text =
      "step 1/2\n\tloss 0.5, zwölf 漢字 🙂 é\u200D\nSet HF_TOKEN or HF_ENDPOINT, not hf_checkpoints.\n";
    expect(written((io) => io.stdout(text))).toBe(text);
    expect(written((io) => io.live([`${text.split("\n")[0]}`]))).toBe(
      REDRAWN + text.split("\n")[0],
    );
  });

  it.each([TOKEN, TOKEN.toUpperCase(), encodeURIComponent(TOKEN)])(
    "hides the token as %s",
    (one) => {
      for (const stream of ["stdout", "stderr"] as const) {
        expect(written((io) => io[stream](`of ${one}.\n`))).toBe("of ***.\n");
      }
    },
  );

  it("does not let a text draw over others", () => {
    expect(written((io) => io.stderr(`model ${REDRAWN}fine\u009B2J\u202Ecod\n`))).toBe(
      "model \\u000d\\u001b[Kfine\\u009b2J\\u202ecod\n",
    );
  });

  it("lets no text bring its own colours into pieces that have some", () => {
    const piece = { text: `red \u001B[31m ${TOKEN}`, style: "good" } as const;
    expect(written((io) => io.stdout([piece]), true)).toBe(
      "\u001B[32mred \\u001b[31m ***\u001B[39m",
    );
  });

  it("keeps JSON what it was", () => {
    const value = { name: "a\u001B[31m\u0085\u2066b", text: "x" };
    const text = written((io) => io.stdout(`${JSON.stringify(value)}\n`));
    expect(text).not.toContain("\u0085");
    expect(JSON.parse(text)).toEqual(value);
  });
});

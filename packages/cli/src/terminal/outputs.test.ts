import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { createOutputs, type Output } from "./outputs.js";

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

/** A stream that fails at every write: by throwing, as streams of files do, or later, as pipes and terminals do. */
class Broken extends EventEmitter implements Output {
  constructor(
    readonly code: string,
    readonly isTTY: boolean,
    readonly throws: boolean,
  ) {
    super();
  }

  write(): void {
    if (this.throws) throw failure(this.code);
    this.emit("error", failure(this.code));
  }
}

const good = (): Output & { text: string } => {
  const output = {
    text: "",
    write: (text: string) => void (output.text += text),
    on: () => undefined,
  };
  return output;
};

function ends() {
  const told: string[] = [];
  return {
    told,
    onTerminalGone: () => void told.push("terminal gone"),
    onResultsLost: (code: string) => void told.push(`results lost: ${code}`),
  };
}

describe("createOutputs", () => {
  it("writes to both streams", () => {
    const [one, other] = [good(), good()];
    const { stdout, stderr } = createOutputs(one, other, ends());
    stdout("result\n");
    stderr("note\n");
    expect([one.text, other.text]).toEqual(["result\n", "note\n"]);
  });

  it.each(["EPIPE", "ENOSPC", "EBADF", "EIO", "EDQUOT", "ERR_STREAM_DESTROYED"])(
    "drops messages that cannot be written (%s), and goes on",
    (code) => {
      for (const throws of [true, false]) {
        const told = ends();
        const results = good();
        const { stdout, stderr } = createOutputs(results, new Broken(code, false, throws), told);
        stderr("note");
        stderr("note");
        stdout("result");
        expect([told.told, results.text]).toEqual([[], "result"]);
      }
    },
  );

  it.each([
    ["EPIPE", []],
    ["ENOSPC", ["results lost: ENOSPC"]],
    ["EIO", ["results lost: EIO"]],
  ])("tells of results that cannot be written, unless nobody reads them: %s", (code, expected) => {
    for (const throws of [true, false]) {
      const told = ends();
      createOutputs(new Broken(code, false, throws), good(), told).stdout("result");
      expect(told.told).toEqual(expected);
    }
  });

  it("tells of a terminal that is gone, by either stream", () => {
    for (const throws of [true, false]) {
      const told = ends();
      const lost = (): Output => new Broken("EIO", true, throws);
      createOutputs(good(), lost(), told).stderr("note");
      createOutputs(lost(), good(), told).stdout("result");
      expect(told.told).toEqual(["terminal gone", "terminal gone"]);
    }
  });
});

import { describe, expect, it } from "vitest";
import { evaluateSettings } from "../settings/evaluate.js";
import { trainSettings } from "../settings/train.js";
import { checkReads } from "./check-reads.js";
import { taskKinds } from "./task-kinds.js";

const [masked, following, labelled, questions, images] = taskKinds;

describe("settings that a task does not read", () => {
  it.each([
    [masked, "labelColumn", "labelled texts"],
    [masked, "stride", "questions"],
    [masked, "augment", "labelled images"],
    [following, "predictions", "questions"],
    [labelled, "dataWeights", "text"],
    [labelled, "processor", "labelled images"],
    [questions, "textColumn", "text or labelled texts"],
    [questions, "stochasticDepth", "labelled images"],
    [images, "sequence", "labelled texts"],
    [images, "skipBadRows", "questions"],
  ])("are refused (%#)", (kind, name, readers) => {
    const given = new Set(["data", "seed", name]);
    expect(() => kind && checkReads(kind, "this one", given)).toThrow(
      expect.objectContaining({
        code: "settings/invalid",
        message: expect.stringMatching(
          new RegExp(`^\`${name}\` has no effect: this one does not read it\\. .*${readers}`),
        ) as string,
      }) as Error,
    );
  });

  it("are told all at once", () => {
    const given = new Set(["stride", "augment"]);
    expect(() => masked && checkReads(masked, "masked-lm", given)).toThrow(
      /^2 settings of masked-lm are wrong\.\n- `stride` .*\n- `augment` /,
    );
  });

  it.each(taskKinds)("are not those that $words reads, and all of these are settings", (kind) => {
    expect(() => checkReads(kind, "", new Set(["data", "batch", ...kind.reads]))).not.toThrow();
    expect(() => checkReads(kind, "", undefined)).not.toThrow();
    const known = { ...trainSettings.schema.shape, ...evaluateSettings.schema.shape };
    for (const name of kind.reads) expect(Object.keys(known)).toContain(name);
  });
});

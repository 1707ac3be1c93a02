import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { inputOf } from "../input.js";
import { WrongAccept, type Target } from "../target.js";

/** Faults of a reader, and what else it may do. */
const ACTS: Readonly<Record<string, () => unknown>> = {
  accepted: () => "read",
  refused() {
    throw new LigoError("fuzz/refused", "No.");
  },
  crash() {
    throw new TypeError("Cannot read properties of undefined (reading 'x')");
  },
  uncaught() {
    void Promise.reject(new Error("Nobody waits for this."));
    return "read";
  },
  wrong() {
    throw new WrongAccept("2 rows of 3");
  },
  loud() {
    // an error cuts what it is made with
    throw Object.assign(new LigoError("fuzz/loud", ""), { message: "x".repeat(100_000) });
  },
  memory: () => new Uint8Array(700_000_000).fill(1).length,
  hang() {
    for (;;);
  },
  died: () => process.exit(3),
};

/** A reader that does whatever its input says; the file that is changed has no part in it. */
export const faulty: Target = {
  name: "faulty",
  weight: 1,
  changes: (name) => name === "noise.txt",
  prepare: async () => Object.keys(ACTS).map((act) => inputOf({ act, "noise.txt": "noise" })),
  open: async () => ({
    read: async (folder) => ACTS[readFileSync(join(folder, "act"), "utf8")]?.(),
  }),
};

/** The names of what it may do. */
export const KINDS: readonly string[] = Object.keys(ACTS);

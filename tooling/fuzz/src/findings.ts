import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readInput, writeInput, type Input } from "./input.js";
import { signatureOf, type Finding } from "./outcome.js";

/** Something that a reader did wrong, and the input it did it with. */
export interface FoundInput {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly finding: Finding;
  readonly input: Input;
}

const NAME = "finding.json";
const INPUT = "input";

/** Writes a finding into a folder of its own: the input, and the line that reads it again. Returns the file that says so. */
export function writeFinding(
  folder: string,
  { finding, index, input, seed, target }: FoundInput,
): string {
  const signature = signatureOf(finding);
  const hash = createHash("sha256").update(`${target} ${signature}`).digest("hex").slice(0, 8);
  const place = join(folder, `${target}-${finding.kind}-${hash}`);
  const file = join(place, NAME);
  rmSync(place, { recursive: true, force: true });
  writeInput(join(place, INPUT), input);
  const replay = `npm run fuzz -- --replay ${file}`;
  const facts = { target, seed, index, signature, replay, finding };
  writeFileSync(file, `${JSON.stringify(facts, undefined, 2)}\n`);
  return file;
}

/** Reads a finding that was written: its target and input. */
export function readFinding(file: string): Pick<FoundInput, "target" | "input"> {
  if (!existsSync(file)) throw new Error(`There is no finding ${file}.`);
  const { target } = JSON.parse(readFileSync(file, "utf8")) as { readonly target: string };
  return { target, input: readInput(join(dirname(file), INPUT)) };
}

/** A process that reads inputs and tells what became of each: what hangs or crashes it, is found by the one that started it. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { sizeOf, writeInput, type Input } from "./input.js";
import { makeInput, materialOf, readSeeds } from "./make-input.js";
import type { FromChild, ToChild } from "./messages.js";
import { failureOf, outcomeOf, type Outcome } from "./outcome.js";
import type { Reader, Target } from "./target.js";
import { targetNamed } from "./targets/index.js";

const [prepared = "", work = ""] = process.argv.slice(2);

/** Bytes that a reading may take beyond what the process held before. */
const MEMORY = 2 ** 29;

let uncaught: ((error: unknown) => void) | undefined;
let late: unknown;
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    late ??= error;
    uncaught?.(error);
  });
}

const tell = (message: FromChild): void => void process.send?.(message);

const opened = new Map<string, Promise<Reader>>();

function readerOf(target: Target): Promise<Reader> {
  const known = opened.get(target.name) ?? target.open(materialOf(prepared, target));
  opened.set(target.name, known);
  return known;
}

const peak = (): number => 1024 * process.resourceUsage().maxRSS;

/** Reads one input. */
async function judge(reader: Reader, input: Input, name: string): Promise<Outcome> {
  const folder = join(work, name);
  writeInput(folder, input);
  const before = peak();
  late = undefined;
  const failed = new Promise<never>((_, reject) => {
    uncaught = reject;
  });
  failed.catch(() => undefined);
  let outcome: Outcome;
  try {
    outcome = { kind: "accepted", reading: await Promise.race([reader.read(folder), failed]) };
  } catch (error) {
    outcome = outcomeOf(error);
  }
  // what nobody waits for may fail a turn later
  await setImmediate();
  rmSync(folder, { recursive: true, force: true });
  if (late !== undefined) return { kind: "uncaught", failure: failureOf(late) };
  const taken = peak() - before;
  return taken > MEMORY + 20 * sizeOf(input) ? { kind: "memory", bytes: taken } : outcome;
}

/** Keeps what was accepted, and how it was read, for other people's readers. */
function keep(folder: string, input: Input, reading: unknown): void {
  writeInput(join(folder, "input"), input);
  writeFileSync(join(folder, "reading.json"), JSON.stringify(reading));
}

async function run({
  from,
  keepAccepted,
  seed,
  target: name,
  to,
}: ToChild & { type: "run" }): Promise<void> {
  const target = targetNamed(name);
  const seeds = readSeeds(prepared, target);
  const reader = await readerOf(target);
  for (let index = from; index < to; index++) {
    const { input } = makeInput(target, seeds, { seed, index });
    tell({ type: "start", index });
    const outcome = await judge(reader, input, `${name}-${index}`);
    if (keepAccepted !== undefined && outcome.kind === "accepted") {
      keep(join(keepAccepted, name, `${seed}-${index}`), input, outcome.reading);
    }
    const told = outcome.kind === "accepted" ? { ...outcome, reading: null } : outcome;
    tell({ type: "outcome", index, outcome: told });
  }
  tell({ type: "done" });
}

process.on("message", (message: ToChild) => {
  if (message.type === "run") void run(message);
  else {
    void (async () => {
      const reader = await readerOf(targetNamed(message.target));
      tell({ type: "start", index: 0 });
      const outcome = await judge(reader, new Map(message.input), "judged");
      tell({ type: "outcome", index: 0, outcome });
      tell({ type: "done" });
    })();
  }
});
process.on("disconnect", () => process.exit());

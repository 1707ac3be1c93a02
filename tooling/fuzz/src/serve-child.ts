import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { sizeOf, writeInput, type Input } from "./input.js";
import { makeInput, materialOf, readSeeds } from "./make-input.js";
import type { FromChild, ToChild } from "./messages.js";
import { failureOf, outcomeOf, type Outcome } from "./outcome.js";
import { targetNamed, type Reader, type Target } from "./target.js";

/** Bytes that a reading may take beyond what the process held before. */
const MEMORY = 2 ** 29;

/** Errors that nobody caught: the first since they were forgotten. */
interface Uncaught {
  error: unknown;
  onError: ((error: unknown) => void) | undefined;
}

function watchUncaught(): Uncaught {
  const uncaught: Uncaught = { error: undefined, onError: undefined };
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      uncaught.error ??= error;
      uncaught.onError?.(error);
    });
  }
  return uncaught;
}

const tell = (message: FromChild): void => void process.send?.(message);

/** Most memory that this process held at once since it was last forgotten, in bytes. */
function peakMemory(): number {
  try {
    // what the system says of resources begins with those of the parent
    const status = readFileSync("/proc/self/status", "utf8");
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

/** Lets the peak begin with what is held now, on systems that can. */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // then only what is beyond all before is noticed
  }
}

/** Reads one input in a folder of its own. */
async function judge(
  reader: Reader,
  input: Input,
  folder: string,
  uncaught: Uncaught,
): Promise<Outcome> {
  writeInput(folder, input);
  forgetPeak();
  const before = peakMemory();
  uncaught.error = undefined;
  const failed = new Promise<never>((_, reject) => {
    uncaught.onError = reject;
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
  if (uncaught.error !== undefined) return { kind: "uncaught", failure: failureOf(uncaught.error) };
  const taken = peakMemory() - before;
  return taken > MEMORY + 20 * sizeOf(input) ? { kind: "memory", bytes: taken } : outcome;
}

/** Keeps what was accepted, and how it was read, for other people's readers. */
function keep(folder: string, input: Input, reading: unknown): void {
  writeInput(join(folder, "input"), input);
  writeFileSync(join(folder, "reading.json"), JSON.stringify(reading));
}

/**
 * Reads inputs in this process, as its parent asks, and tells what became of each. Whatever hangs or ends the process is found
 * by the parent.
 */
export function serveChild(targets: readonly Target[]): void {
  const [prepared = "", work = ""] = process.argv.slice(2);
  const uncaught = watchUncaught();
  const opened = new Map<string, Promise<Reader>>();
  const readerOf = (target: Target): Promise<Reader> => {
    const known = opened.get(target.name) ?? target.open(materialOf(prepared, target));
    opened.set(target.name, known);
    return known;
  };
  const run = async ({ from, keepAccepted, seed, target: name, to }: Ask<"run">): Promise<void> => {
    const target = targetNamed(targets, name);
    const seeds = readSeeds(prepared, target);
    const reader = await readerOf(target);
    for (let index = from; index < to; index++) {
      const { input } = makeInput(target, seeds, { seed, index });
      tell({ type: "start", index });
      const outcome = await judge(reader, input, join(work, `${name}-${index}`), uncaught);
      if (keepAccepted !== undefined && outcome.kind === "accepted") {
        keep(join(keepAccepted, name, `${seed}-${index}`), input, outcome.reading);
      }
      const told = outcome.kind === "accepted" ? { ...outcome, reading: null } : outcome;
      tell({ type: "outcome", index, outcome: told });
    }
  };
  const judgeOne = async ({ input, target }: Ask<"judge">): Promise<void> => {
    const reader = await readerOf(targetNamed(targets, target));
    tell({ type: "start", index: 0 });
    const outcome = await judge(reader, new Map(input), join(work, "judged"), uncaught);
    tell({ type: "outcome", index: 0, outcome });
  };
  process.on("message", (message: ToChild) => {
    const asked = message.type === "run" ? run(message) : judgeOne(message);
    asked.then(
      () => tell({ type: "done" }),
      (error: unknown) => {
        // a fault of the fuzz itself
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exitCode = 70;
        process.disconnect();
      },
    );
  });
  process.on("disconnect", () => process.exit());
}

type Ask<Type> = ToChild & { readonly type: Type };

import { fork, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Input } from "./input.js";
import type { FromChild, Stretch, ToChild } from "./messages.js";
import type { Outcome } from "./outcome.js";

/** Place of the bundle of `child.ts`, and of what was prepared for it. */
export interface ChildPlace {
  readonly bundle: string;
  readonly folder: string;
  /** Milliseconds of work that a reading may take, and of the clock where there is no `/proc`. */
  readonly deadline: number;
}

/** Milliseconds that a process may take until its first reading begins. */
const OPENING = 120_000;
/** Times the deadline that a process may do nothing for. */
const PATIENCE = 12;
/** Milliseconds of work in the time of a deadline that are nothing. */
const IDLE = 50;
/** Milliseconds of a tick of the processor's time in `/proc`. */
const TICK = 10;
/** Megabytes of JavaScript objects that a process may hold. */
const HEAP = 1024;

export interface Child {
  /** Reads a stretch. Resolves with what ended the process, and while it read what, where it did not come to its end. */
  run(
    stretch: Stretch,
    keepAccepted: string | undefined,
    told: (index: number, outcome: Outcome) => void,
  ): Promise<{ readonly index: number; readonly outcome: Outcome } | undefined>;
  /** Reads one input. The process is of no use any more where the outcome is `hang`, `died` or `memory`. */
  judge(target: string, input: Input): Promise<Outcome>;
  stop(): void;
}

type Ended = { readonly index: number; readonly outcome: Outcome };

/** Starts a process that reads inputs. */
export function startChild({ bundle, deadline, folder }: ChildPlace): Child {
  mkdirSync(join(folder, "work"), { recursive: true });
  const work = mkdtempSync(join(folder, "work", "child-"));
  const child = fork(bundle, [folder, work], {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${HEAP}`, "--no-warnings"],
    // relative paths that an input names stay in there
    cwd: work,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, HF_HUB_OFFLINE: "", LIGO_CACHE: join(work, "cache") },
  });
  const said = lastWords(child);
  const ask = (
    message: ToChild,
    told: (index: number, outcome: Outcome) => void,
  ): Promise<Ended | undefined> =>
    new Promise((resolve) => {
      let index = message.type === "run" ? message.from : 0;
      let timer = setTimeout(expire, OPENING);
      let [spent, worked, waited] = [0, 0, PATIENCE];
      function finish(ended: Ended | undefined): void {
        clearTimeout(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        resolve(ended);
      }
      function expire(): void {
        // a machine that is busy with others is no hang
        const own = processorTime(child.pid) - spent;
        waited = own > worked + IDLE ? 0 : waited + 1;
        worked = own;
        if (waited < PATIENCE && own < deadline) {
          timer = setTimeout(expire, deadline);
          return;
        }
        child.kill("SIGKILL");
        finish({ index, outcome: { kind: "hang" } });
      }
      child.on("exit", (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        finish({ index, outcome: { kind: "died", how: `${how}: ${said()}` } });
      });
      child.on("message", (raw) => {
        const answer = raw as FromChild;
        if (answer.type === "done") return finish(undefined);
        index = answer.index;
        clearTimeout(timer);
        [spent, worked] = [processorTime(child.pid), 0];
        waited = answer.type === "start" ? 0 : PATIENCE;
        timer = setTimeout(expire, answer.type === "start" ? deadline : OPENING);
        if (answer.type === "outcome") told(answer.index, answer.outcome);
      });
      child.send(message);
    });
  return {
    run: (stretch, keepAccepted, told) => ask({ type: "run", keepAccepted, ...stretch }, told),
    async judge(target, input) {
      let judged: Outcome | undefined;
      const ended = await ask({ type: "judge", target, input: [...input] }, (_, outcome) => {
        judged = outcome;
      });
      return ended?.outcome ?? judged ?? { kind: "died", how: "no answer" };
    },
    stop() {
      child.removeAllListeners().kill("SIGKILL");
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** Milliseconds that a process has worked; without end where that is not told, so that the clock decides. */
function processorTime(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The end of what a process writes to its standard error. */
function lastWords(child: ChildProcess): () => string {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-2000);
  });
  return () => words.trim();
}

import { Worker } from "node:worker_threads";
import type { Answer, Asked, WorkerFailure } from "./worker-answers.js";

/** Megabytes that the objects of a worker may take. */
const MEGABYTES = 1024;

/** Milliseconds between two looks at a worker. */
const TICK = 250;

/** Looks that a worker may take to start. */
const START_TICKS = 120;

/** A worker that is given up where it does not answer in time, needs too much memory, or crashes. */
export interface GuardedWorker<Request> {
  /**
   * Asks; requests are answered in turn. Rejects with a {@link WorkerFailure}.
   *
   * @param milliseconds how long the answer may take from when it is this request's turn
   */
  ask(request: Request, milliseconds: number): Promise<unknown>;
}

interface Pending<Request> extends Asked<Request> {
  readonly ticks: number;
  readonly milliseconds: number;
  resolve(value: unknown): void;
  reject(failure: WorkerFailure): void;
}

/**
 * A worker that runs a module, started when it is first asked and again after it was given up. It does not keep the process
 * alive between requests. Time is counted in turns of this thread's own loop: a process that is stopped for a while, or busy,
 * loses no patience meanwhile.
 */
export function guardedWorker<Request>(
  module: URL,
  tick: number = TICK,
  megabytes: number = MEGABYTES,
): GuardedWorker<Request> {
  let worker: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isReady = false;
  let ticks = 0;
  let count = 0;
  const pending: Pending<Request>[] = [];

  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
    worker?.unref();
  };
  const giveUp = (failure: WorkerFailure): void => {
    void worker?.terminate();
    worker = undefined;
    isReady = false;
    rest();
    // those that wait behind ask another worker in vain: what it knew is gone
    for (const one of pending.splice(0)) one.reject(failure);
  };
  const look = (): void => {
    const [first] = pending;
    ticks++;
    if (ticks <= (isReady ? (first?.ticks ?? 0) : START_TICKS)) return;
    const seconds = isReady ? (first?.milliseconds ?? 0) / 1000 : (START_TICKS * tick) / 1000;
    giveUp({ reason: `reading takes longer than ${seconds.toFixed(0)} s`, code: undefined });
  };
  const hear = (answer: Answer): void => {
    ticks = 0;
    if ("ready" in answer) {
      isReady = true;
      return;
    }
    const first = pending.shift();
    if ("failure" in answer) first?.reject(answer.failure);
    else first?.resolve(answer.value);
    if (pending.length === 0) rest();
  };
  const start = (): Worker => {
    const started = new Worker(module, {
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
      execArgv: [],
    });
    const fall = (reason: string): void => {
      if (worker === started) giveUp({ reason, code: undefined });
    };
    // an answer may arrive after its worker was given up: it belongs to no request of the next one
    started.on("message", (answer: Answer) => {
      if (worker === started) hear(answer);
    });
    started.on("error", (error: NodeJS.ErrnoException) => fall(reasonOf(error, megabytes)));
    started.on("exit", (code) => fall(`the reader ended with code ${code}`));
    return started;
  };
  return {
    ask(request, milliseconds) {
      worker ??= start();
      const asked = { id: count++, request };
      return new Promise((resolve, reject) => {
        if (pending.length === 0) {
          ticks = 0;
          worker?.ref();
          timer = setInterval(look, tick);
        }
        const limit = Math.ceil(milliseconds / tick);
        pending.push({ ...asked, ticks: limit, milliseconds, resolve, reject });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        worker?.postMessage(asked);
      });
    },
  };
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException, megabytes: number): string =>
  code === "ERR_WORKER_OUT_OF_MEMORY"
    ? `reading takes more than ${megabytes} MB of memory`
    : message;

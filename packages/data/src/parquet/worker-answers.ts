import type { MessagePort } from "node:worker_threads";

/** A request to a worker, by number. */
export interface Asked<Request> {
  readonly id: number;
  readonly request: Request;
}

/** What a worker answers; once without a number, when it is ready. */
export type Answer =
  | { readonly ready: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: WorkerFailure };

/** A failure that a worker tells of. */
export interface WorkerFailure {
  readonly reason: string;
  /** Code of a failure of the file system: `ENOENT`. */
  readonly code: string | undefined;
}

/** Answers requests one after the other, in a worker. Whatever is thrown becomes a failure. */
export function answerRequests<Request>(
  port: MessagePort | null,
  answer: (request: Request) => unknown,
): void {
  port?.on("message", ({ id, request }: Asked<Request>) => {
    port.postMessage(answered(id, () => answer(request)));
  });
  port?.postMessage({ ready: true } satisfies Answer);
}

function answered(id: number, answer: () => unknown): Answer {
  try {
    return { id, value: answer() };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): WorkerFailure {
  if (!(error instanceof Error)) return { reason: String(error), code: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { reason: error.message, code };
}

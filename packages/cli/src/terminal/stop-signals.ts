/** What of a process is listened to, and how it ends. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): void;
}

/** Aborted by the first SIGINT or SIGTERM; the second ends the process at once, with exit code 130. */
export function stopSignal(source: SignalSource): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    source.on(name, () => {
      // The second time there is no waiting for the step under way.
      if (interrupt.signal.aborted) source.exit(130);
      interrupt.abort();
    });
  }
  return interrupt.signal;
}

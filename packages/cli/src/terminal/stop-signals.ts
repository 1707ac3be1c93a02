/** The part of a process that is listened to, and that ends it. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  exit(code: number): void;
}

/** Ways to stop the work of a process. */
export interface Stop {
  /** Aborted by the first SIGINT or SIGTERM, or when the terminal is gone. */
  readonly signal: AbortSignal;
  /** Says that the terminal is gone: stops the work, unless the process was started to outlive its terminal. */
  hangUp(): void;
}

/**
 * Listens for signals. The first SIGINT or SIGTERM stops the work; the second ends the process at once, with exit code 130. SIGHUP
 * stops it too, and however often it comes, a terminal that closes sends several, it never ends the process by itself.
 *
 * @param outlivesTerminal whether hangups are to be ignored, as `nohup` asks
 */
export function listenForStop(source: SignalSource, outlivesTerminal: boolean): Stop {
  const interrupt = new AbortController();
  let isAsked = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    source.on(name, () => {
      // The second time there is no waiting for the step under way.
      if (isAsked) source.exit(130);
      isAsked = true;
      interrupt.abort();
    });
  }
  const hangUp = (): void => {
    if (!outlivesTerminal) interrupt.abort();
  };
  source.on("SIGHUP", hangUp);
  return { signal: interrupt.signal, hangUp };
}

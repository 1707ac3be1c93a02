import type { Architecture } from "@ligo/core";
import type { EventListener, LigoEvent } from "./events.js";
import type { HubAccess } from "./models/hub-models.js";

/** Whatever stands beside settings in a call: who watches, what stops it, which architectures are at hand. */
export interface Handles {
  /** Architectures to look through before installed packages. Default: none. */
  readonly architectures?: readonly Architecture[] | undefined;
  /** Stops the work between two steps; what is done of a run is saved. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what the work tells of itself. */
  readonly onEvent?: EventListener | undefined;
}

/** The surroundings of a call, as its parts see them. */
export interface Context extends HubAccess {
  readonly architectures: readonly Architecture[] | undefined;
  /** Aborted by the caller's signal, or by a listener that throws. */
  readonly signal: AbortSignal;
  readonly emit: (event: LigoEvent) => void;
  /** Names of the settings that the caller gave; a task refuses those that it has no use for. */
  readonly given?: ReadonlySet<string> | undefined;
}

/** A context that is let go of when the work in it is over. */
export interface OpenContext {
  readonly context: Context;
  /** Runs work; where a listener failed, its error is thrown in place of what stopped the work. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  readonly release: () => void;
}

/** Opens the context of a call. A listener that throws stops the work as the signal does. */
export function openContext({ architectures, onEvent, signal }: Handles): OpenContext {
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const emit = (event: LigoEvent): void => {
    try {
      onEvent?.(event);
    } catch (error) {
      failure ??= { error };
      stop.abort(error);
    }
  };
  const abort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  return {
    context: {
      architectures,
      signal: stop.signal,
      emit,
      downloads: {
        note: (message) => emit({ type: "warning", code: "hub", message }),
        progress: (event) => emit({ type: "download", ...event }),
      },
    },
    async run(work) {
      try {
        return await work();
      } catch (error) {
        throw failure === undefined ? error : failure.error;
      }
    },
    release: () => signal?.removeEventListener("abort", abort),
  };
}

/** Runs the work of a call in a context of its own. */
export async function inContext<T>(
  handles: Handles,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { context, release, run } = openContext(handles);
  try {
    return await run(() => work(context));
  } finally {
    release();
  }
}

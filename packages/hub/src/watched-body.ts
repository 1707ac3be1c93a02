/** A connection that said nothing for longer than it may. */
class SilentConnection extends Error {}

/** Bytes that count as a sign of life: a drip is none. */
const SIGN_OF_LIFE = 2 ** 10;

/** Watches one request from its start to the end of its answer. */
export interface Watch {
  /** Aborted where the connection is silent for too long, or the caller stops. */
  readonly signal: AbortSignal;
  /** Takes it that the connection lives. */
  heard(): void;
  end(): void;
}

/**
 * Starts to watch a request: after `patience` milliseconds without a sign of life it is aborted with a
 * {@link SilentConnection}; `remind` is called once before, when a quarter of that has passed.
 */
export function watchRequest(
  patience: number,
  stop: AbortSignal | undefined,
  remind: () => void,
): Watch {
  const abort = new AbortController();
  const give = (): void => {
    const reason = `it says nothing for ${(patience / 1000).toFixed(patience < 1000 ? 1 : 0)} s`;
    abort.abort(new SilentConnection(reason));
  };
  const stopped = (): void => abort.abort(stop?.reason);
  const early = setTimeout(remind, patience / 4);
  const late = setTimeout(give, patience);
  stop?.addEventListener("abort", stopped);
  if (stop?.aborted === true) stopped();
  return {
    signal: abort.signal,
    heard() {
      clearTimeout(early);
      late.refresh();
    },
    end() {
      clearTimeout(early);
      clearTimeout(late);
      stop?.removeEventListener("abort", stopped);
    },
  };
}

/**
 * The bytes of an answer as they come. Throws `tooLong()` after `most` of them, and the reason of the watch where that gives
 * the connection up; the watch ends with the answer.
 */
export async function* watchedBytes(
  response: Response,
  watch: Watch,
  most: number,
  tooLong: () => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let since = 0;
  try {
    if (response.body === null) return;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      received += chunk.length;
      since += chunk.length;
      if (received > most) throw tooLong();
      if (since >= SIGN_OF_LIFE) {
        watch.heard();
        since = 0;
      }
      yield chunk;
    }
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    watch.end();
  }
}

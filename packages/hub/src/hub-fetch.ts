import { LigoError } from "@ligo/core";
import { HubError } from "./hub-error.js";
import type { HubContext } from "./hub-context.js";
import { refusal, shownText, shownUrl, unreachable } from "./hub-failure.js";
import type { HubRepository } from "./hub-id.js";
import { followRedirects } from "./follow-redirects.js";
import { backoff, MAX_RETRIES, MAX_WAIT, MAX_WAITED, requestedWait } from "./retry-delay.js";
import { watchedBytes, watchRequest, type Watch } from "./watched-body.js";

const AGAIN: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Bytes of the longest answer of the API that is read: a page of a thousand files takes less than one of them. */
const MAX_ANSWER = 2 ** 23;

/** An answer to a request for a file: its bytes are read once. */
export interface HubAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Throws a `HubError` after more than `most` bytes, anything else where the connection breaks or is silent for too long. */
  bytes(most: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** Leaves the bytes unread. */
  cancel(): Promise<void>;
}

/** Asks a hub about one repository. */
export interface HubClient {
  /**
   * Asks for a file, or its bytes from `begin` to `end` (exclusive; to its end where that is missing). The answer has status
   * 200, or 206 or 416 where a range was asked for.
   */
  file(url: string, begin?: number, end?: number): Promise<HubAnswer>;
  /** A `fetch` for the hub's API: answers are read whole, up to a bound. */
  readonly api: typeof fetch;
}

/** Takes an answer that is wanted; it ends the watch. */
type Take<T> = (response: Response, watch: Watch) => Promise<T>;

/**
 * A client for one repository of a hub. The token goes to the endpoint only, never along with a redirect to another host.
 * Requests that fail for now are tried again, where there was no answer `reconnections` times and as long as the waiting in
 * between is bearable; those that fail for good are thrown as `HubError`.
 */
export function createHubClient(
  context: HubContext,
  repository: HubRepository,
  reconnections: number = MAX_RETRIES,
): HubClient {
  const { settings } = context;
  const ask = <T>(url: string, init: RequestInit, take: Take<T>): Promise<T> =>
    persist({ context, repository, reconnections, url, init }, take);
  const tooLong = (url: string, most: number) => (): HubError =>
    new HubError(
      "hub/bad-response",
      `${shownUrl(url, settings)} answers with more than the ${most} bytes that it may have. Check HF_ENDPOINT.`,
      { file: shownUrl(url, settings), expected: `at most ${most} bytes`, actual: "more" },
    );
  return {
    file(url, begin, end) {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (begin !== undefined) {
        headers["range"] = `bytes=${begin}-${end === undefined ? "" : end - 1}`;
      }
      return ask(url, { headers }, async (response, watch) => ({
        status: response.status,
        headers: response.headers,
        bytes: (most) => watchedBytes(response, watch, most, tooLong(url, most)),
        async cancel() {
          watch.end();
          await response.body?.cancel();
        },
      }));
    },
    async api(input, init = {}) {
      const url = input instanceof Request ? input.url : String(input);
      return ask(addressOf(url, context).href, init, async (response, watch) => {
        const parts: Uint8Array[] = [];
        const bytes = watchedBytes(response, watch, MAX_ANSWER, tooLong(url, MAX_ANSWER));
        for await (const part of bytes) parts.push(part);
        const { headers, status } = response;
        return new Response(Buffer.concat(parts), { status, headers });
      });
    },
  };
}

/** A request, and whom it is of. */
interface Persistent {
  readonly context: HubContext;
  readonly repository: HubRepository;
  readonly reconnections: number;
  readonly url: string;
  readonly init: RequestInit;
}

/** Asks until there is an answer that is wanted, or none to hope for. */
async function persist<T>(asked: Persistent, take: Take<T>): Promise<T> {
  const { context, init, reconnections, repository, url } = asked;
  const { reporter, settings, signal } = context;
  let waited = 0;
  for (let retry = 1; ; retry++) {
    let failure: HubError;
    let pause = backoff(retry);
    let most = MAX_RETRIES;
    try {
      const { response, watch } = await attempt(context, url, init);
      if (isWanted(response, init)) return await take(response, watch);
      watch.end();
      await response.body?.cancel();
      if (!AGAIN.has(response.status)) throw refusal(response, url, repository, settings);
      failure = overloaded(response, url, context);
      pause = requestedWait(response.headers) ?? pause;
    } catch (error) {
      signal?.throwIfAborted();
      if (LigoError.isInstance(error)) throw error;
      failure = unreachable(url, error, settings);
      most = reconnections;
    }
    if (retry > most || pause > MAX_WAIT || waited + pause > MAX_WAITED) throw failure;
    if (retry > 1 || pause > backoff(1)) {
      const host = shownText(hostOf(url), settings);
      const seconds = Math.ceil(pause / 1000);
      reporter.note(`${failure.actual ?? "no answer"} from ${host}; trying again in ${seconds} s`);
    }
    await context.wait(pause);
    waited += pause;
  }
}

/** One attempt; the answer is still to be read, and its watch to be ended. */
async function attempt(
  context: HubContext,
  url: string,
  init: RequestInit,
): Promise<{ readonly response: Response; readonly watch: Watch }> {
  const { reporter, settings, signal } = context;
  const watch = watchRequest(settings.patience, signal, () =>
    reporter.note(`waiting for an answer from ${shownText(hostOf(url), settings)}`),
  );
  try {
    const response = await followRedirects(context, url, { ...init, signal: watch.signal });
    watch.heard();
    return { response, watch };
  } catch (error) {
    watch.end();
    throw watch.signal.aborted && !LigoError.isInstance(error) ? watch.signal.reason : error;
  }
}

/** Whether an answer is one to the request: all of it, or the part that was asked for. Others are final. */
function isWanted({ status }: Response, { headers }: RequestInit): boolean {
  if (status === 200) return true;
  return (status === 206 || status === 416) && new Headers(headers).has("range");
}

const hostOf = (url: string): string => new URL(url).host;

/** An address that an answer led to. Throws `hub/bad-response` where it is none. */
function addressOf(url: string, { settings }: HubContext): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw new HubError(
      "hub/bad-response",
      `${settings.endpoint} leads to ${shownText(url, settings)}, which is not an address. Check HF_ENDPOINT.`,
      { file: settings.endpoint, expected: "an address", cause },
    );
  }
}

function overloaded(
  { headers, status }: Response,
  url: string,
  { settings }: HubContext,
): HubError {
  const host = shownText(hostOf(url), settings);
  const wait = requestedWait(headers);
  const later = wait === undefined ? "later" : `in ${Math.ceil(wait / 1000)} s`;
  const details = { file: shownUrl(url, settings), actual: `status ${status}` };
  if (status === 429) {
    return new HubError(
      "hub/rate-limited",
      `${host} takes no more requests for now (status 429). Try again ${later}; with an access token in HF_TOKEN it allows more.`,
      details,
    );
  }
  return new HubError(
    "hub/server-error",
    `${host} has a problem of its own (status ${status}). Try again ${later}.`,
    details,
  );
}

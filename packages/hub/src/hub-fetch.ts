import { LigoError } from "@ligo/core";
import { HubError } from "./hub-error.js";
import type { HubContext } from "./hub-context.js";
import { refusal, shownUrl, unreachable } from "./hub-failure.js";
import type { HubRepository } from "./hub-id.js";
import { backoff, MAX_RETRIES, MAX_WAIT, requestedWait } from "./retry-delay.js";

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const AGAIN: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * A `fetch` for one repository of a hub. The token goes to the endpoint only, never along with a redirect to another host.
 * Requests that fail for now are tried again, where there was no answer `reconnections` times; those that fail for good are
 * thrown as `HubError`. 416 is returned.
 */
export function createHubFetch(
  context: HubContext,
  repository: HubRepository,
  reconnections: number = MAX_RETRIES,
): typeof fetch {
  const { settings, reporter, signal } = context;
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    for (let retry = 1; ; retry++) {
      let failure: HubError;
      let pause = backoff(retry);
      let most = MAX_RETRIES;
      try {
        const response = await follow(context, url, init);
        if (response.ok || response.status === 416) return response;
        await response.body?.cancel();
        if (!AGAIN.has(response.status)) throw refusal(response, url, repository, settings);
        failure = overloaded(response, url);
        pause = requestedWait(response.headers) ?? pause;
      } catch (error) {
        signal?.throwIfAborted();
        if (LigoError.isInstance(error)) throw error;
        failure = unreachable(url, error, settings);
        most = reconnections;
      }
      if (retry > most || pause > MAX_WAIT) throw failure;
      if (retry > 1 || pause > backoff(1)) {
        reporter.note(
          `${failure.actual ?? "no answer"} from ${new URL(url).host}; trying again in ${Math.ceil(pause / 1000)} s`,
        );
      }
      await context.wait(pause);
    }
  };
}

async function follow(
  { settings, signal }: HubContext,
  start: string,
  init: RequestInit | undefined,
): Promise<Response> {
  const home = new URL(settings.endpoint).origin;
  let url = new URL(start);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const headers = new Headers(init?.headers);
    headers.set("user-agent", "ligo");
    headers.delete("authorization");
    if (settings.token !== undefined && url.origin === home) {
      headers.set("authorization", `Bearer ${settings.token}`);
    }
    const response = await fetch(url, {
      ...init,
      headers,
      redirect: "manual",
      ...(signal === undefined ? {} : { signal }),
    });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (
      !/^https?:$/u.test(next.protocol) ||
      (url.protocol === "https:" && next.protocol !== "https:")
    ) {
      throw new HubError(
        "hub/bad-response",
        `${shownUrl(url.href)} redirects to ${next.protocol}//${next.host}, which is not safe. Check HF_ENDPOINT.`,
        { file: shownUrl(url.href), expected: "https:", actual: next.protocol },
      );
    }
    url = next;
  }
  throw new HubError("hub/bad-response", `${shownUrl(start)} redirects again and again.`, {
    file: shownUrl(start),
  });
}

function overloaded(response: Response, url: string): HubError {
  const { status, headers } = response;
  const { host } = new URL(url);
  const wait = requestedWait(headers);
  const later = wait === undefined ? "later" : `in ${Math.ceil(wait / 1000)} s`;
  if (status === 429) {
    return new HubError(
      "hub/rate-limited",
      `${host} takes no more requests for now (status 429). Try again ${later}; with an access token in HF_TOKEN it allows more.`,
      { file: shownUrl(url), actual: "status 429" },
    );
  }
  return new HubError(
    "hub/server-error",
    `${host} has a problem of its own (status ${status}). Try again ${later}.`,
    { file: shownUrl(url), actual: `status ${status}` },
  );
}

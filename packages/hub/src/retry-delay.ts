/** Failed requests that are tried again before a download is given up. */
export const MAX_RETRIES = 5;

/** Longest time that is waited because a hub asked for it; rate limits of the hub are counted over five minutes. */
export const MAX_WAIT = 300_000;

/** Longest time that is waited between all the attempts at one request. */
export const MAX_WAITED = 600_000;

/** Milliseconds before the nth retry (from 1): 1, 2, 4, ... seconds. */
export const backoff = (retry: number): number => 1000 * 2 ** (retry - 1);

/**
 * Milliseconds a response asks to wait: `Retry-After` in seconds or as a date, or the `t` of a `RateLimit`. Undefined where
 * it asks for nothing.
 */
export function requestedWait(headers: Headers, now: number = Date.now()): number | undefined {
  const after = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/u.test(after)) return 1000 * Number(after);
  const date = Date.parse(after);
  if (after !== "" && !Number.isNaN(date)) return Math.max(0, date - now);
  const reset = /;\s*t=(\d+)/u.exec(headers.get("ratelimit") ?? "")?.[1];
  return reset === undefined ? undefined : 1000 * Number(reset);
}

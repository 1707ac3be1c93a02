import { isIP } from "node:net";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** The host of a `Host` header without its port, an IPv6 address without its brackets; `undefined` where it is none. */
function hostOf(header: string): string | undefined {
  try {
    return new URL(`http://${header}`).hostname.replace(/^\[|\]$/gu, "");
  } catch {
    return undefined;
  }
}

/**
 * Whether a request may be answered. A page elsewhere can have its own name lead to this machine (DNS rebinding), and a browser
 * then sends that name: on a loopback address only the names of that are answered, on another also plain addresses and the name
 * that was given.
 *
 * @param header the request's `Host`
 * @param bound the address that is listened on
 */
export function isAllowedHost(header: string | undefined, bound: string): boolean {
  const host = header === undefined ? undefined : hostOf(header);
  if (host === undefined) return false;
  if (LOOPBACK.has(host)) return true;
  return !LOOPBACK.has(bound) && (host === bound || isIP(host) !== 0);
}

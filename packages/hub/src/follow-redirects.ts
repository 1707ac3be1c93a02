import { HubError } from "./hub-error.js";
import type { HubContext } from "./hub-context.js";
import { shownText, shownUrl } from "./hub-failure.js";

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks, and follows redirects; the token goes to the endpoint only. Throws `hub/bad-response` for a redirect that is not safe
 * or leads nowhere, and for too many of them.
 */
export async function followRedirects(
  context: Pick<HubContext, "settings">,
  start: string,
  init: RequestInit,
): Promise<Response> {
  const { settings } = context;
  const home = new URL(settings.endpoint).origin;
  let url = new URL(start);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const headers = new Headers(init.headers);
    headers.set("user-agent", "ligo");
    headers.delete("authorization");
    if (settings.token !== undefined && url.origin === home) {
      headers.set("authorization", `Bearer ${settings.token}`);
    }
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    url = safeTarget(url, location, context);
  }
  const shown = shownUrl(start, settings);
  throw new HubError("hub/bad-response", `${shown} redirects again and again.`, { file: shown });
}

/** Where a redirect leads: to http(s), not from the encrypted to the open, without a name or password. */
function safeTarget(from: URL, location: string, { settings }: Pick<HubContext, "settings">): URL {
  const file = shownUrl(from.href, settings);
  const refuse = (to: string, actual: string): HubError =>
    new HubError(
      "hub/bad-response",
      `${file} redirects to ${to}, which is not safe. Check HF_ENDPOINT.`,
      { file, expected: "https:", actual },
    );
  let next: URL;
  try {
    next = new URL(location, from);
  } catch {
    throw refuse("what is no address", "no address");
  }
  const shown = shownText(`${next.protocol}//${next.host}`, settings);
  if (next.username !== "" || next.password !== "") {
    throw refuse(`${shown} with a name and password`, "a name and password");
  }
  const isWeb = /^https?:$/u.test(next.protocol);
  if (!isWeb || (from.protocol === "https:" && next.protocol !== "https:")) {
    throw refuse(shown, shownText(next.protocol, settings));
  }
  return next;
}

import { printable, redacted, shortened } from "@ligo/core/json";
import { HubError } from "./hub-error.js";
import { describeRepository, type HubRepository } from "./hub-id.js";
import type { HubSettings } from "./hub-settings.js";

/** Characters of a text of a server that an error shows. */
const LONGEST_SAID = 300;

/** An address as it may be shown: signed ones grant access by their query. */
export const shownUrl = (url: string, settings: Pick<HubSettings, "token">): string =>
  shownText(url.replace(/[?#].*$/su, ""), settings);

/** A text of a server, of the system or of an address as it may be shown: without the token, and nothing that steers a terminal. */
export const shownText = (text: string, { token }: Pick<HubSettings, "token">): string =>
  shortened(printable(redacted(text, token === undefined ? [] : [token])), LONGEST_SAID);

/** The error for a response that refuses a request for good. */
export function refusal(
  response: Response,
  url: string,
  repository: HubRepository,
  settings: HubSettings,
): HubError {
  const { status, headers } = response;
  const said = shownText(headers.get("x-error-message") ?? "", settings);
  const reason = headers.get("x-error-code") ?? "";
  const { endpoint, token } = settings;
  const { type, name, revision } = repository;
  const actual = `status ${status}${reason === "" ? "" : ` (${shownText(reason, settings)})`}`;
  const shown = shownUrl(url, settings);
  const fail = (code: string, message: string): HubError =>
    new HubError(code, message, { file: shown, actual });
  const access =
    token === undefined
      ? "set HF_TOKEN to an access token that may read it"
      : "check that the token in HF_TOKEN may read it";
  if (reason === "RevisionNotFound") {
    return fail(
      "hub/revision-not-found",
      `The ${type} ${name} on ${endpoint} has no revision "${revision}". Give one of its branches, tags or commits after the @.`,
    );
  }
  if (reason === "EntryNotFound") {
    return fail("hub/file-not-found", `${shown} does not exist.`);
  }
  if (reason === "GatedRepo") {
    return fail(
      "hub/gated",
      `The ${type} ${name} is gated: accept its terms on ${endpoint}/${type === "dataset" ? "datasets/" : ""}${name}, then ${access}.`,
    );
  }
  if (status === 401 && token !== undefined && /credential|token/iu.test(said)) {
    return fail(
      "hub/unauthorized",
      `${endpoint} does not accept the access token (HF_TOKEN, or the token file): it is wrong or has expired. Set a new one.`,
    );
  }
  // The hub answers 401 for what does not exist too, so that it does not tell what is private.
  if (status === 401 || status === 404) {
    return fail(
      "hub/not-found",
      `There is no ${type} ${describeRepository(repository)} on ${endpoint}, or it is private: check the name, or ${access}.`,
    );
  }
  if (status === 403) {
    return fail(
      "hub/forbidden",
      `${endpoint} does not let you read the ${type} ${name}${said === "" ? "" : ` (${said})`}: ${access}.`,
    );
  }
  return fail(
    "hub/bad-response",
    `${shown} answered with ${actual}${said === "" ? "" : `: ${said}`}. Check HF_ENDPOINT, or try again later.`,
  );
}

/** The error for a request that failed again and again. */
export function unreachable(url: string, cause: unknown, settings: HubSettings): HubError {
  const { protocol, host } = new URL(url);
  const address = shownText(`${protocol}//${host}`, settings);
  const proxy = protocol === "https:" ? process.env["HTTPS_PROXY"] : process.env["HTTP_PROXY"];
  return new HubError(
    "hub/unreachable",
    `${address} cannot be reached (${shownText(systemReason(cause), settings)}). Check the connection and HF_ENDPOINT` +
      `${proxy === undefined ? "" : "; a proxy is used where Node has NODE_USE_ENV_PROXY=1"}. What was downloaded is kept.`,
    { file: shownUrl(url, settings) },
  );
}

/** The innermost reason of a failed request: `fetch` itself only says that it failed. */
function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return systemReason(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

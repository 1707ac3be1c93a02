import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { HubError } from "./hub-error.js";

/** Places of the hub and its cache, and how to ask it. */
export interface HubSettings {
  /** Address of the hub, without a slash at the end. */
  readonly endpoint: string;
  /** Folder of the cache. */
  readonly cache: string;
  /** Sent to the endpoint and to nobody else. */
  readonly token: string | undefined;
  /** Whether only the cache is looked at. */
  readonly offline: boolean;
  /** Milliseconds that a connection may be silent. */
  readonly patience: number;
}

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINT = "https://huggingface.co";

/** Seconds that a connection may be silent where nothing else is said. */
const PATIENCE = 20;

/**
 * Settings as Python's `huggingface_hub` takes them: `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`, the file
 * `HF_TOKEN_PATH` or `token` in `HF_HOME`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`. Throws `HubError`: `hub/bad-endpoint`,
 * `hub/bad-token`.
 */
export async function readHubSettings(environment: Environment): Promise<HubSettings> {
  const set = (...names: readonly string[]): string | undefined =>
    names
      .map((name) => environment[name]?.trim())
      .find((value) => value !== undefined && value !== "");
  const home = (path: string): string => resolve(path.replace(/^~(?=$|[/\\])/u, homedir()));
  const caches = set("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const hfHome = home(set("HF_HOME") ?? join(caches, "huggingface"));
  const token = set("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
  return {
    endpoint: checkEndpoint(set("HF_ENDPOINT") ?? ENDPOINT),
    cache: home(set("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? join(hfHome, "hub")),
    token:
      token === undefined
        ? await readToken(home(set("HF_TOKEN_PATH") ?? join(hfHome, "token")))
        : checkToken(token, "HF_TOKEN"),
    offline: /^(1|on|yes|true)$/iu.test(set("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") ?? ""),
    patience: 1000 * secondsOf(set("HF_HUB_DOWNLOAD_TIMEOUT")),
  };
}

function secondsOf(text: string | undefined): number {
  const seconds = Number(text);
  return seconds > 0 && Number.isFinite(seconds) ? seconds : PATIENCE;
}

async function readToken(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch {
    return undefined;
  }
  return text === "" ? undefined : checkToken(text, file);
}

/** A token that does not fit into a header would be printed by the error of the one who tries. */
function checkToken(token: string, from: string): string {
  if (/^[\x21-\x7e]+$/u.test(token)) return token;
  throw new HubError(
    "hub/bad-token",
    `The text in ${from} is not an access token: it has spaces or characters that no token has. It is not shown here.`,
    { expected: "an access token of the hub" },
  );
}

function checkEndpoint(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // told below
  }
  if (
    url !== undefined &&
    /^https?:$/u.test(url.protocol) &&
    url.username === "" &&
    url.password === ""
  ) {
    return text.replace(/\/+$/u, "");
  }
  throw new HubError(
    "hub/bad-endpoint",
    "HF_ENDPOINT is not the address of a hub. Give one that starts with https:// or http://, with no name or password in it.",
    { expected: ENDPOINT },
  );
}

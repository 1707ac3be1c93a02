import { HubError } from "./hub-error.js";

/** A repository of the hub at a revision: a branch, a tag, or a commit. */
export interface HubRepository {
  readonly type: "model" | "dataset";
  /** `name` or `organisation/name`. */
  readonly name: string;
  readonly revision: string;
}

/** A dataset of the hub, and which of its files: a path, a folder, or a glob. */
export interface HubDataset {
  readonly repository: HubRepository;
  readonly path: string | undefined;
}

export const DEFAULT_REVISION = "main";

const SCHEME = "hf://";
/** Extensions that only a path has. */
const FILE = /\.(safetensors|bin|json|pt|pth|ckpt|txt)$/i;

/** `name`, `organisation/name`, either with `@revision`; `hf://` may stand before. Undefined where a text has another form. */
export function parseModelId(text: string): HubRepository | undefined {
  const explicit = text.startsWith(SCHEME);
  const id = explicit ? text.slice(SCHEME.length).replace(/^models\//, "") : text;
  const at = id.indexOf("@");
  const name = at === -1 ? id : id.slice(0, at);
  const fits = isName(name) && (explicit || at !== -1 || !FILE.test(name));
  if (!fits) {
    if (explicit) throw badId(text, "hf://organisation/name[@revision]");
    return undefined;
  }
  const revision = at === -1 ? DEFAULT_REVISION : id.slice(at + 1);
  return { type: "model", name, revision: checkRevision(revision, text) };
}

/** Whether a text names a dataset of the hub, well or badly formed. */
export const isDatasetUrl = (text: string): boolean => text.startsWith(`${SCHEME}datasets/`);

/** `hf://datasets/organisation/name[@revision][/path or glob]`. A revision that holds a slash is written with `%2F`. */
export function parseDatasetUrl(url: string): HubDataset {
  const expected = "hf://datasets/organisation/name[@revision][/path or glob]";
  if (!isDatasetUrl(url)) throw badId(url, expected);
  const text = url.slice(`${SCHEME}datasets/`.length);
  // The revisions of pull requests and of converted data hold slashes, and are written as they are.
  const found =
    /^(?<name>[^/@]+(?:\/[^/@]+)?)(?:@(?<revision>refs\/(?:convert|pr)\/[^/]+|[^/]+))?(?:\/(?<path>.+))?$/u.exec(
      text,
    );
  const { name = "", revision = DEFAULT_REVISION, path } = found?.groups ?? {};
  if (!isName(name)) throw badId(url, expected);
  return {
    repository: {
      type: "dataset",
      name,
      revision: checkRevision(decodeRevision(revision), url),
    },
    path: path?.replace(/\/+$/u, ""),
  };
}

/** `organisation/name`, with the revision where it is not the usual one. */
export function describeRepository({ name, revision }: HubRepository): string {
  return revision === DEFAULT_REVISION ? name : `${name}@${revision}`;
}

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/u.test(revision);

/** Whether the hub allows a name, which is then also safe as the name of a folder. */
function isName(text: string): boolean {
  const parts = text.split("/");
  return (
    text.length <= 96 &&
    parts.length <= 2 &&
    !text.includes("--") &&
    !text.includes("..") &&
    parts.every((part) => /^[a-z\d_](?:[\w.-]*\w)?$/iu.test(part))
  );
}

function decodeRevision(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function checkRevision(revision: string, text: string): string {
  const parts = revision.split("/");
  const safe = parts.every((part) => /^\w[\w.+-]*$/u.test(part) && !part.includes(".."));
  if (safe && revision.length <= 200) return revision;
  throw new HubError(
    "hub/bad-revision",
    `${JSON.stringify(text)}: ${JSON.stringify(revision)} is not a revision. Give a branch, a tag or a commit after the @.`,
    { expected: "a branch, a tag or a commit", actual: revision },
  );
}

function badId(text: string, expected: string): HubError {
  return new HubError(
    "hub/bad-id",
    `${JSON.stringify(text)} is not a name on the hub: write ${expected}.`,
    {
      expected,
      actual: text,
    },
  );
}

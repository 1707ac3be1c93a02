import { pathToFileURL } from "node:url";
import {
  commitIter,
  createRepo,
  HubApiError,
  listFiles,
  type CommitOperation,
  type CommitOutput,
} from "@huggingface/hub";
import { createHubContext, type HubContext, type HubOptions } from "./hub-context.js";
import { HubError } from "./hub-error.js";
import { shownText } from "./hub-failure.js";
import { parseModelId } from "./hub-id.js";
import { filesToPush, isThere, type ListedFile, type PushFile } from "./push-files.js";

export interface PushOptions extends HubOptions {
  /** Whether everybody may see a repository that is made. Default false. */
  readonly isPublic?: boolean | undefined;
  /** Whether nothing is sent: it is only said what would be. */
  readonly dryRun?: boolean | undefined;
}

/** Result of an upload. */
export interface Pushed {
  /** Page of the model. */
  readonly url: string;
  /** Whether the repository was made for it; of a dry run, whether it would be. */
  readonly created: boolean;
  readonly visibility: "public" | "private" | "as it was";
  /** Paths of files that were sent, with their sizes in bytes. */
  readonly uploaded: readonly { readonly path: string; readonly size: number }[];
  /** Paths of files that were there with the same contents. */
  readonly skipped: readonly string[];
  /** The commit; undefined where nothing was sent. */
  readonly commit: string | undefined;
}

/**
 * Uploads the model in a folder to the hub as one commit; the repository is made where there is none, for nobody else to see
 * unless asked otherwise. Files that are there with the same contents are skipped, and after an upload that broke off, those
 * that the hub's storage took are not sent again. The token is that of the environment or of the hub's cache. Throws `HubError`:
 * `hub/bad-id`, `hub/incomplete`, `hub/no-token`, `hub/offline`, `hub/unauthorized`, `hub/forbidden`, `hub/not-found`,
 * `hub/unreachable`, `hub/bad-response`.
 */
export async function pushModel(
  folder: string,
  name: string,
  options: PushOptions = {},
): Promise<Pushed> {
  const { dryRun = false, isPublic = false } = options;
  checkName(name);
  const files = await filesToPush(folder);
  const context = await createHubContext(options);
  const target = targetOf(name, context, dryRun);
  const listed = await asked(target, () => listing(target));
  const there = new Map(listed?.map((file) => [file.path, file]));
  const same = new Set<PushFile>();
  for (const file of files) if (await isThere(file, there.get(file.path))) same.add(file);
  const wanted = files.filter((file) => !same.has(file));
  if (!dryRun && listed === undefined) {
    const visibility = isPublic ? "public" : "private";
    await asked(target, () => createRepo({ ...target.access, visibility }));
  }
  const commit =
    dryRun || wanted.length === 0 ? undefined : await asked(target, () => send(wanted, target));
  return {
    url: `${context.settings.endpoint}/${name}`,
    created: listed === undefined,
    visibility: listed !== undefined ? "as it was" : isPublic ? "public" : "private",
    uploaded: wanted.map(({ path, size }) => ({ path, size })),
    skipped: [...same].map(({ path }) => path),
    commit,
  };
}

/** A repository, and how to get at it. */
interface Target {
  readonly name: string;
  readonly context: HubContext;
  readonly access: {
    readonly repo: { readonly type: "model"; readonly name: string };
    readonly hubUrl: string;
    readonly accessToken: string;
    readonly fetch: typeof fetch;
  };
}

function checkName(name: string): void {
  const parsed = parseModelId(name);
  if (parsed?.name === name && name.includes("/")) return;
  throw new HubError(
    "hub/bad-id",
    `"${name}" is not the name of a model on the hub. Give organisation/name, without a revision.`,
    { expected: "organisation/name", actual: name },
  );
}

function targetOf(name: string, context: HubContext, dryRun: boolean): Target {
  const { endpoint, offline, token } = context.settings;
  if (offline) {
    throw new HubError(
      "hub/offline",
      "HF_HUB_OFFLINE is set, so nothing can be uploaded. Unset it.",
    );
  }
  if (token === undefined && !dryRun) {
    throw new HubError(
      "hub/no-token",
      `An upload needs an access token that may write: make one on ${endpoint}/settings/tokens and set HF_TOKEN to it, or log in with: hf auth login`,
      { expected: "HF_TOKEN" },
    );
  }
  return {
    name,
    context,
    access: {
      repo: { type: "model", name },
      hubUrl: endpoint,
      accessToken: token ?? "",
      fetch: (input, init) => {
        const { signal } = context;
        return fetch(input, { ...(signal === undefined ? {} : { signal }), ...init });
      },
    },
  };
}

/** Files of the repository; undefined where there is none that the token may see. */
async function listing({ access }: Target): Promise<readonly ListedFile[] | undefined> {
  const files: ListedFile[] = [];
  try {
    for await (const file of listFiles({ ...access, recursive: true })) files.push(file);
  } catch (error) {
    // the hub answers 401 for what does not exist, so that it does not tell what is private
    if (error instanceof HubApiError && isAbsent(error)) return undefined;
    throw error;
  }
  return files;
}

const isAbsent = ({ message, statusCode }: HubApiError): boolean =>
  statusCode === 404 || (statusCode === 401 && !/credential|token/iu.test(message));

async function send(
  files: readonly PushFile[],
  { access, context, name }: Target,
): Promise<string> {
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  const operations = files.map(({ from, path }): CommitOperation => ({
    operation: "addOrUpdate",
    path,
    content: typeof from === "string" ? pathToFileURL(from) : new Blob([new Uint8Array(from)]),
  }));
  const steps = commitIter({
    ...access,
    title: "Upload model with LiGO",
    operations,
    ...(context.signal === undefined ? {} : { abortSignal: context.signal }),
  });
  let step = await steps.next();
  for (; step.done !== true; step = await steps.next()) {
    const { value } = step;
    if (value.event !== "fileProgress" || value.state !== "uploading") continue;
    const size = sizes.get(value.path) ?? 0;
    context.reporter.progress({
      repository: name,
      file: value.path,
      received: Math.round(value.progress * size),
      size,
    });
  }
  const output: CommitOutput | undefined = step.value;
  if (output !== undefined) return output.commit.oid;
  throw new HubError("hub/bad-response", `${access.hubUrl} did not say which commit it made.`);
}

/** Calls the hub; its refusals become errors that say what to do. */
async function asked<T>(target: Target, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    target.context.signal?.throwIfAborted();
    throw error instanceof HubError ? error : failure(error, target);
  }
}

function failure(error: unknown, { access, context, name }: Target): HubError {
  const { settings } = context;
  const { endpoint } = settings;
  const said = shownText(error instanceof Error ? error.message : String(error), settings);
  const fail = (code: string, message: string, actual?: string): HubError =>
    new HubError(code, message, { file: access.repo.name, actual, cause: error });
  if (!(error instanceof HubApiError)) {
    if (error instanceof TypeError && /hf_/u.test(error.message))
      return fail(
        "hub/bad-token",
        "The access token does not start with hf_. Set HF_TOKEN to one.",
      );
    return fail(
      "hub/unreachable",
      `${endpoint} cannot be reached, or broke off (${said}). Check the connection and HF_ENDPOINT, and run the same again: what the hub took is not sent twice.`,
    );
  }
  const actual = `status ${error.statusCode}`;
  if (error.statusCode === 401)
    return fail(
      "hub/unauthorized",
      `${endpoint} does not accept the access token (${said}). Set HF_TOKEN to one that may write to ${name}.`,
      actual,
    );
  if (error.statusCode === 403)
    return fail(
      "hub/forbidden",
      `The access token may not write to ${name} (${said}). Give it write access to ${name.split("/")[0]}, or name a place of your own.`,
      actual,
    );
  if (error.statusCode === 404)
    return fail(
      "hub/not-found",
      `${endpoint} knows no user or organisation ${name.split("/")[0]}, or none that the token may see (${said}).`,
      actual,
    );
  return fail(
    "hub/bad-response",
    `${endpoint} answered with ${actual} (${said}). Run the same again later: what the hub took is not sent twice.`,
    actual,
  );
}

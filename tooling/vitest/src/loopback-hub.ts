import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A file of a repository: what is stored outside of git is `large`. */
export interface ServedFile {
  readonly contents: Uint8Array;
  readonly large?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** The host the request was sent to: `127.0.0.1` is the hub, `localhost` its storage. */
  readonly host: string;
}

/** Takes a request out of the hands of the hub; true where it answered. */
export type Disturbance = (request: Seen, response: ServerResponse) => boolean;

export interface LoopbackHub {
  readonly endpoint: string;
  readonly commit: string;
  /** All requests so far. */
  readonly seen: readonly Seen[];
  disturb(disturbance: Disturbance): void;
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");
export const gitHash = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/**
 * A hub of this test, with one revision `main` at {@link COMMIT} for each repository. It answers as huggingface.co does:
 * `/api/<type>s/<name>/revision/<revision>` and `/tree/<commit>`, paged by `Link`; `/<name>/resolve/<commit>/<path>` with
 * `X-Repo-Commit`, `ETag`, `X-Linked-Etag` and `X-Linked-Size`, large files by a redirect to a signed address on another
 * host; errors as `X-Error-Code` and `X-Error-Message`.
 */
export async function serveHub(
  repositories: Readonly<Record<string, Readonly<Record<string, ServedFile>>>>,
): Promise<LoopbackHub> {
  const seen: Seen[] = [];
  let disturb: Disturbance = () => false;
  const server = createServer((request, response) => {
    const entry: Seen = {
      method: request.method ?? "",
      path: decodeURIComponent((request.url ?? "").replace(/\?.*$/su, "")),
      authorization: request.headers.authorization,
      range: request.headers.range,
      host: (request.headers.host ?? "").replace(/:\d+$/u, ""),
    };
    seen.push(entry);
    if (!disturb(entry, response)) answer(repositories, entry, request, response);
  });
  // Without an address, names of both families lead here.
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  onTestFinished(() => closeServer(server));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    commit: COMMIT,
    seen,
    disturb(disturbance) {
      disturb = disturbance;
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
}

/** What the hub answers where it refuses. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    ...(code === "" ? {} : { "x-error-code": code }),
    "x-error-message": message,
  });
  response.end(JSON.stringify({ error: message }));
}

function answer(
  repositories: Readonly<Record<string, Readonly<Record<string, ServedFile>>>>,
  seen: Seen,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const stored = /^\/storage\/([^/]+)$/u.exec(seen.path);
  if (stored !== null) {
    const all = Object.values(repositories).flatMap((files) => Object.values(files));
    const file = all.find(({ contents }) => sha256(contents) === stored[1]);
    // As signed addresses do: what comes with credentials is refused.
    if (file === undefined || seen.authorization !== undefined) {
      response.writeHead(400).end("only one auth mechanism allowed");
    } else send(file.contents, seen, response, {});
    return;
  }
  const api = /^\/api\/(model|dataset)s\/(.+?)\/(revision|tree)\/([^/]+)$/u.exec(seen.path);
  const resolved = /^\/(datasets\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/u.exec(seen.path);
  const key =
    api === null
      ? `${resolved?.[1] ?? ""}${resolved?.[2]}`
      : `${api[1] === "dataset" ? "datasets/" : ""}${api[2]}`;
  const revision = api?.[4] ?? resolved?.[3];
  const files = repositories[key];
  if (files === undefined) return refuse(response, 401, "RepoNotFound", "Repository not found");
  if (revision !== "main" && revision !== COMMIT) {
    return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  }
  if (api?.[3] === "revision") {
    const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
    return json(response, { _id: "621ffdc036468d709f17434d", id: key, sha: COMMIT, siblings });
  }
  if (api?.[3] === "tree") return tree(files, seen, request, response);
  const file = files[resolved?.[4] ?? ""];
  if (file === undefined) return refuse(response, 404, "EntryNotFound", "Entry not found");
  const headers = { "x-repo-commit": COMMIT, "accept-ranges": "bytes" };
  if (file.large !== true) {
    return send(file.contents, seen, response, { ...headers, etag: `"${gitHash(file.contents)}"` });
  }
  const hash = sha256(file.contents);
  const { port } = request.socket.address() as AddressInfo;
  response.writeHead(302, {
    ...headers,
    "x-linked-etag": `"${hash}"`,
    "x-linked-size": String(file.contents.length),
    location: `http://localhost:${port}/storage/${hash}?X-Amz-Signature=secret-signature`,
  });
  response.end();
}

/** Two files a page. */
function tree(
  files: Readonly<Record<string, ServedFile>>,
  { path }: Seen,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "", `http://${request.headers.host}`);
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const entries = Object.entries(files).map(([name, { contents, large }]) => ({
    type: "file",
    oid: gitHash(contents),
    size: contents.length,
    path: name,
    ...(large === true
      ? { lfs: { oid: sha256(contents), size: contents.length, pointerSize: 134 } }
      : {}),
  }));
  const folders = [...new Set(Object.keys(files).filter((name) => name.includes("/")))].map(
    (name) => ({
      type: "directory",
      oid: gitHash(Buffer.from(name)),
      size: 0,
      path: name.split("/")[0],
    }),
  );
  const all = [...folders, ...entries];
  const next = `http://${request.headers.host}${path}?recursive=true&cursor=${start + 2}`;
  json(
    response,
    all.slice(start, start + 2),
    start + 2 < all.length ? { link: `<${next}>; rel="next"` } : {},
  );
}

function json(
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(value));
}

function send(
  contents: Uint8Array,
  { range }: Seen,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void {
  const asked = /^bytes=(\d+)-(\d*)$/u.exec(range ?? "");
  if (asked === null) {
    response.writeHead(200, { ...headers, "content-length": String(contents.length) });
    response.end(contents);
    return;
  }
  const begin = Number(asked[1]);
  const last =
    asked[2] === "" ? contents.length - 1 : Math.min(Number(asked[2]), contents.length - 1);
  if (begin >= contents.length) {
    response.writeHead(416, { "content-range": `bytes */${contents.length}` }).end();
    return;
  }
  response.writeHead(206, {
    ...headers,
    "content-range": `bytes ${begin}-${last}/${contents.length}`,
    "content-length": String(last + 1 - begin),
  });
  response.end(contents.subarray(begin, last + 1));
}

/** Sends the first bytes of a body that was announced as longer, and breaks the connection. */
export function breakOff(
  response: ServerResponse,
  contents: Uint8Array,
  bytes: number,
  status: number = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, "content-length": String(contents.length) });
  response.write(contents.subarray(0, bytes), () => response.destroy());
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { gitHash, refuse, sha256 } from "./loopback-hub.js";

/** A repository that was made on the hub. */
export interface UploadedRepository {
  readonly visibility: string;
  readonly files: Map<string, Buffer>;
}

/** A hub of this test that takes uploads. */
export interface UploadHub {
  readonly endpoint: string;
  readonly repositories: Map<string, UploadedRepository>;
  /** Method and path of all requests so far. */
  readonly seen: string[];
  /** Takes a request out of the hands of the hub; true where it answered. */
  disturb(disturbance: (request: string, response: ServerResponse) => boolean): void;
}

/** Files of which git holds only a pointer. */
const LARGE = /\.safetensors$/u;

/**
 * Answers as huggingface.co does to an upload without its newer protocol for chunks: `/api/repos/create`, `/tree`, `/preupload`,
 * `info/lfs/objects/batch`, the storage, and `/commit` with lines of JSON. It takes the access token `token` alone.
 */
export async function serveUploads(token: string): Promise<UploadHub> {
  const repositories: UploadHub["repositories"] = new Map();
  const stored: Store["stored"] = new Map();
  const seen: string[] = [];
  let disturb: Parameters<UploadHub["disturb"]>[0] = () => false;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://hub");
    const line = `${request.method} ${pathname}`;
    seen.push(line);
    if (disturb(line, response)) return;
    void answer({ repositories, stored, token }, request, response, line);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    repositories,
    seen,
    disturb(disturbance) {
      disturb = disturbance;
    },
  };
}

/** Contents of the hub. */
interface Store {
  readonly token: string;
  readonly repositories: UploadHub["repositories"];
  /** Large files by their hashes. */
  readonly stored: Map<string, Buffer>;
}

async function answer(
  { repositories, stored, token }: Store,
  request: IncomingMessage,
  response: ServerResponse,
  line: string,
): Promise<void> {
  const [, hash] = /^PUT \/storage\/(\w+)$/u.exec(line) ?? [];
  if (hash !== undefined) {
    stored.set(hash, await buffer(request));
    response.end();
    return;
  }
  if (request.headers.authorization !== `Bearer ${token}`)
    return refuse(response, 401, "", "Invalid credentials in Authorization header");
  const send = (value: unknown): void => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (line === "POST /api/repos/create") {
    type Asked = Readonly<Record<"name" | "organization" | "visibility", string>>;
    const { name, organization, visibility } = JSON.parse(await text(request)) as Asked;
    repositories.set(`${organization}/${name}`, { visibility, files: new Map() });
    return send({ url: `/${organization}/${name}`, id: "0" });
  }
  const [, api, git, what] =
    /^\w+ \/(?:api\/models\/(.+)|(.+)\.git\/info)\/(tree|preupload|commit|lfs)\/.*$/u.exec(line) ??
    [];
  const repository = repositories.get(api ?? git ?? "");
  if (repository === undefined)
    return refuse(response, 401, "RepoNotFound", "Repository not found");
  if (what === "tree") return send([...repository.files].map(listed));
  const body = await text(request);
  if (what === "preupload") return send(uploadModes(body));
  if (what === "lfs") {
    const storage = `http://${request.headers.host}/storage`;
    return send(uploadsWanted(body, stored, storage));
  }
  commit(body, repository, stored);
  return send({ commitOid: "c0ffee", commitUrl: "", hookOutput: "" });
}

function uploadModes(body: string): object {
  const { files } = JSON.parse(body) as { readonly files: readonly { path: string }[] };
  const mode = (path: string): string => (LARGE.test(path) ? "lfs" : "regular");
  return { files: files.map(({ path }) => ({ path, uploadMode: mode(path) })) };
}

function uploadsWanted(body: string, stored: Store["stored"], storage: string): object {
  const { objects } = JSON.parse(body) as { readonly objects: readonly { oid: string }[] };
  return {
    transfer: "basic",
    objects: objects.map(({ oid }) =>
      stored.has(oid) ? { oid } : { oid, actions: { upload: { href: `${storage}/${oid}` } } },
    ),
  };
}

function commit(body: string, { files }: UploadedRepository, stored: Store["stored"]): void {
  for (const one of body.split("\n")) {
    const { key, value } = JSON.parse(one) as CommitLine;
    if (key === "file") files.set(value.path, Buffer.from(value.content, "base64"));
    if (key === "lfsFile") files.set(value.path, stored.get(value.oid) ?? Buffer.alloc(0));
  }
}

type CommitLine =
  | { readonly key: "header"; readonly value: unknown }
  | { readonly key: "file"; readonly value: { readonly path: string; readonly content: string } }
  | { readonly key: "lfsFile"; readonly value: { readonly path: string; readonly oid: string } };

function listed([path, contents]: readonly [string, Buffer]): object {
  const size = contents.length;
  const lfs = LARGE.test(path) ? { lfs: { oid: sha256(contents), size, pointerSize: 134 } } : {};
  return { type: "file", path, size, oid: gitHash(contents), ...lfs };
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
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
  const stored = new Map<string, Buffer>();
  const seen: string[] = [];
  let disturb: Parameters<UploadHub["disturb"]>[0] = () => false;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://hub");
    const line = `${request.method} ${pathname}`;
    seen.push(line);
    if (disturb(line, response)) return;
    void answer(request, response, line);
  });
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    line: string,
  ): Promise<void> {
    const [, hash] = /^PUT \/storage\/(\w+)$/u.exec(line) ?? [];
    if (hash !== undefined) {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      stored.set(hash, Buffer.concat(parts));
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
      const { name, organization, visibility } = JSON.parse(await text(request)) as Readonly<
        Record<string, string>
      >;
      repositories.set(`${organization}/${name}`, {
        visibility: visibility ?? "",
        files: new Map(),
      });
      return send({ url: `/${organization}/${name}`, id: "0" });
    }
    const [, api, git, what] =
      /^\w+ \/(?:api\/models\/(.+)|(.+)\.git\/info)\/(tree|preupload|commit|lfs)\/.*$/u.exec(
        line,
      ) ?? [];
    const repository = repositories.get(api ?? git ?? "");
    if (repository === undefined)
      return refuse(response, 401, "RepoNotFound", "Repository not found");
    if (what === "tree") return send([...repository.files].map(listed));
    const body = await text(request);
    if (what === "preupload") {
      const { files } = JSON.parse(body) as { readonly files: readonly { path: string }[] };
      return send({
        files: files.map(({ path }) => ({
          path,
          uploadMode: LARGE.test(path) ? "lfs" : "regular",
        })),
      });
    }
    if (what === "lfs") {
      const { objects } = JSON.parse(body) as { readonly objects: readonly { oid: string }[] };
      return send({
        transfer: "basic",
        objects: objects.map(({ oid }) => ({
          oid,
          ...(stored.has(oid)
            ? {}
            : { actions: { upload: { href: `${endpoint}/storage/${oid}` } } }),
        })),
      });
    }
    for (const one of body.split("\n")) {
      const { key, value } = JSON.parse(one) as CommitLine;
      if (key === "file") repository.files.set(value.path, Buffer.from(value.content, "base64"));
      if (key === "lfsFile")
        repository.files.set(value.path, stored.get(value.oid) ?? Buffer.alloc(0));
    }
    return send({ commitOid: "c0ffee", commitUrl: `${endpoint}/commit/c0ffee`, hookOutput: "" });
  }
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

type CommitLine =
  | { readonly key: "header"; readonly value: unknown }
  | { readonly key: "file"; readonly value: { readonly path: string; readonly content: string } }
  | { readonly key: "lfsFile"; readonly value: { readonly path: string; readonly oid: string } };

function listed([path, contents]: readonly [string, Buffer]): object {
  const size = contents.length;
  const lfs = LARGE.test(path) ? { lfs: { oid: sha256(contents), size, pointerSize: 134 } } : {};
  return { type: "file", path, size, oid: gitHash(contents), ...lfs };
}

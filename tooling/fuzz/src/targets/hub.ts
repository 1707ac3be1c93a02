import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { downloadModel } from "@ligo/hub";
import { LigoError } from "@ligo/core";
import { inputOf, readInput, type Input } from "../input.js";
import { holds, type Target } from "../target.js";
import { CONFIGS, writeModel } from "./models.js";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const NAME = "org/model";
const TOKEN = "hf_fuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzz";
const FILES = "files/";

const gitHash = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What a hub answers: a revision, two pages of its tree, and what it says of every file. */
function hubInput(files: Input): Input {
  const entries = [...files].map(([path, bytes]) => ({
    type: "file",
    oid: gitHash(bytes),
    size: bytes.length,
    path,
    ...(path.endsWith(".safetensors")
      ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } }
      : {}),
  }));
  const names = [...files.keys()];
  const contents = [...files].map(([name, bytes]): [string, Uint8Array] => [
    `${FILES}${name}`,
    bytes,
  ]);
  return new Map([
    ...inputOf({
      "revision.json": {
        _id: "1",
        id: NAME,
        sha: COMMIT,
        siblings: names.map((rfilename) => ({ rfilename })),
      },
      "tree-0.json": entries.slice(0, 1),
      "tree-1.json": entries.slice(1),
      "answers.json": {
        revision: { status: 200, headers: { "content-type": "application/json" } },
        tree: { status: 200, headers: { "content-type": "application/json" } },
        file: { status: 200, headers: { "x-repo-commit": COMMIT, "accept-ranges": "bytes" } },
      },
    }),
    ...contents,
  ]);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an input says of an answer, as far as an answer can be made of it. */
function answerOf(input: Input, name: string): Answer {
  let said: Partial<Record<string, { status?: unknown; headers?: unknown }>>;
  try {
    said = (JSON.parse(Buffer.from(input.get("answers.json") ?? []).toString()) ??
      {}) as typeof said;
  } catch {
    said = {};
  }
  const { headers = {}, status = 200 } = said[name] ?? {};
  const isStatus =
    typeof status === "number" && Number.isInteger(status) && status >= 200 && status < 600;
  const all = Object.entries(typeof headers === "object" && headers !== null ? headers : {});
  const usable = all.flatMap(([key, value]: [string, unknown]) => {
    // these say how the connection goes on, which is not what is tried here
    const isHeld = /^(?:content-length|transfer-encoding|connection|trailer)$/iu.test(key);
    const isText = typeof value === "string" && /^[\x20-\x7e]*$/u.test(value);
    return isText && !isHeld && /^[\w-]+$/u.test(key) ? [[key, value] as const] : [];
  });
  return {
    status: isStatus ? status : 500,
    headers: Object.fromEntries(usable),
  };
}

function respond(input: Input, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://hub");
  const send = (name: string, bytes: Uint8Array | undefined, more: object = {}): void => {
    const { headers, status } = answerOf(input, name);
    if (bytes === undefined) {
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
      return;
    }
    response.writeHead(status, { ...headers, ...more }).end(bytes);
  };
  if (url.pathname.includes("/revision/")) return send("revision", input.get("revision.json"));
  if (url.pathname.includes("/tree/")) {
    if (url.searchParams.has("cursor")) return send("tree", input.get("tree-1.json"));
    const next = `http://${request.headers.host}${url.pathname}?recursive=true&cursor=1`;
    return send("tree", input.get("tree-0.json"), { link: `<${next}>; rel="next"` });
  }
  const path = decodeURIComponent(/\/resolve\/[^/]+\/(.+)$/.exec(url.pathname)?.[1] ?? "");
  const bytes = input.get(`${FILES}${path}`);
  if (bytes === undefined) return send("file", undefined);
  const etag = path.endsWith(".safetensors") ? sha256(bytes) : gitHash(bytes);
  send("file", bytes, { etag: `"${etag}"` });
}

/** Answers of a hub: what is downloaded lies in the cache, and no token is told. */
export const hub: Target = {
  name: "hub",
  weight: 6,
  changes: (name) => !name.startsWith(FILES),
  async prepare(material) {
    const folder = join(material, "model");
    await writeModel(folder, CONFIGS[0] ?? {});
    const sharded = join(material, "sharded");
    await writeModel(sharded, CONFIGS[0] ?? {}, 3000);
    return [folder, folder, sharded].map((one) => hubInput(readInput(one)));
  },
  async open() {
    let input: Input = new Map();
    const server = createServer((request, response) => respond(input, request, response));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      async read(folder) {
        input = readInput(folder);
        const before = (await readdir(folder)).length;
        const environment = {
          HF_ENDPOINT: endpoint,
          HF_HOME: folder,
          HF_HUB_CACHE: join(folder, "cache"),
          HF_TOKEN: TOKEN,
        };
        try {
          const { folder: snapshot } = await downloadModel(
            { type: "model", name: NAME, revision: "main" },
            { environment, wait: async () => undefined },
          );
          holds(
            !relative(folder, snapshot).startsWith(".."),
            () => `${snapshot} is not in the cache`,
          );
          return { files: (await readdir(snapshot)).toSorted() };
        } catch (error) {
          const told =
            LigoError.isInstance(error) && `${error.message} ${error.actual}`.includes(TOKEN);
          holds(!told, () => "an error tells the token");
          throw error;
        } finally {
          const after = (await readdir(folder)).length;
          holds(after <= before + 1, () => "files beside the cache");
        }
      },
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => void server.close(resolve));
      },
    };
  },
};

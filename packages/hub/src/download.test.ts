import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "@ligo/checkpoint";
import { failure, safetensorsBytes, temporaryFolder } from "@ligo/vitest/files";
import {
  breakOff,
  COMMIT,
  gitHash,
  refuse,
  serveHub,
  sha256,
  type LoopbackHub,
  type ServedFile,
} from "@ligo/vitest/loopback-hub";
import { downloadModel, downloadModelPart } from "./download-model.js";
import type { DownloadEvent } from "./hub-context.js";
import { parseModelId, type HubRepository } from "./hub-id.js";
import { openHubHeaders } from "./open-hub-headers.js";

const TOKEN = "hf_loopbackTOKENloopbackTOKEN";
const ID = "org/tiny";
const repository = parseModelId(ID) as HubRepository;

const text = (contents: string): ServedFile => ({ contents: Buffer.from(contents) });
const weights = safetensorsBytes(
  { w: { dtype: "F32", shape: [1000], data_offsets: [0, 4000] } },
  4000,
);
const model: Readonly<Record<string, ServedFile>> = {
  ".gitattributes": text("*.safetensors filter=lfs\n"),
  "README.md": text("# tiny\n"),
  "config.json": text('{"model_type":"bert"}'),
  "model.safetensors": { contents: weights, large: true },
  "pytorch_model.bin": { contents: Buffer.from("pickle"), large: true },
  "tf_model.h5": { contents: Buffer.from("tensorflow"), large: true },
  "onnx/model.onnx": { contents: Buffer.from("onnx"), large: true },
  "tokenizer.json": text("{}"),
  "vocab.txt": text("[PAD]\n"),
};

/** A cache of its own, and everything that was said or waited for. */
async function setUp(hub: LoopbackHub, environment: Readonly<Record<string, string>> = {}) {
  const home = temporaryFolder();
  const notes: string[] = [];
  const waits: number[] = [];
  const events: DownloadEvent[] = [];
  const folder = join(home, "hub", "models--org--tiny");
  return {
    folder,
    notes,
    waits,
    events,
    snapshot: join(folder, "snapshots", COMMIT),
    blob: join(folder, "blobs", sha256(weights)),
    options: {
      environment: { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_TOKEN: TOKEN, ...environment },
      reporter: {
        note: (note: string) => void notes.push(note),
        progress: (event: DownloadEvent) => void events.push(event),
      },
      wait: async (milliseconds: number) => void waits.push(milliseconds),
    },
  };
}

const isWeights = (path: string): boolean => path.startsWith("/storage/");

describe("a model is downloaded", () => {
  it("into the layout of Python's cache, and only what is needed", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder, snapshot, events } = await setUp(hub);
    expect(await downloadModel(repository, options)).toEqual({ folder: snapshot, commit: COMMIT });
    expect(readdirSync(snapshot)).toEqual([
      "README.md",
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "vocab.txt",
    ]);
    expect(readFileSync(join(folder, "refs", "main"), "utf8")).toBe(COMMIT);
    expect(readlinkSync(join(snapshot, "config.json"))).toBe(
      join("..", "..", "blobs", gitHash(Buffer.from('{"model_type":"bert"}'))),
    );
    expect(readlinkSync(join(snapshot, "model.safetensors"))).toBe(
      join("..", "..", "blobs", sha256(weights)),
    );
    expect(readdirSync(join(folder, "blobs"))).toHaveLength(5);
    const checkpoint = await openCheckpoint(snapshot);
    expect(await checkpoint.read("w")).toHaveLength(1000);
    await checkpoint.close();
    expect(events.at(-1)).toMatchObject({
      repository: ID,
      file: "model.safetensors",
      size: weights.length,
    });
    expect(events.at(-1)?.received).toBe(weights.length);
  });

  it("once: only the commit of the revision is asked for again", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    await downloadModel(repository, options);
    const before = hub.seen.length;
    await downloadModel(repository, options);
    expect(hub.seen.slice(before).map(({ path }) => path)).toEqual([
      `/api/models/${ID}/revision/main`,
    ]);
  });

  it("without asking for anything, where a commit is named that is in the cache", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder } = await setUp(hub);
    const pinned = { ...repository, revision: COMMIT };
    await downloadModel(pinned, options);
    const before = hub.seen.length;
    await downloadModel(pinned, options);
    expect(hub.seen.length).toBe(before);
    expect(existsSync(join(folder, "refs"))).toBe(false);
  });

  it("with the shards its index names, and no others", async () => {
    const shard = (name: string): Buffer =>
      safetensorsBytes({ [name]: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, 4);
    const [one, two] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    const hub = await serveHub({
      [ID]: {
        "config.json": text('{"model_type":"bert"}'),
        "model.safetensors.index.json": text(JSON.stringify({ weight_map: { a: one, b: two } })),
        [one]: { contents: shard("a"), large: true },
        [two]: { contents: shard("b"), large: true },
        "other.safetensors": { contents: shard("c"), large: true },
      },
    });
    const { options, snapshot } = await setUp(hub);
    const headers = await openHubHeaders(repository, options);
    expect([...headers.headers.keys()]).toEqual(["a", "b"]);
    await downloadModel(repository, options);
    expect(readdirSync(snapshot)).toEqual([
      "config.json",
      one,
      two,
      "model.safetensors.index.json",
    ]);
    const checkpoint = await openCheckpoint(snapshot);
    expect([...checkpoint.headers.keys()]).toEqual(["a", "b"]);
    await checkpoint.close();
  });

  it("in parts", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot } = await setUp(hub);
    await downloadModelPart(repository, "config", options);
    expect(readdirSync(snapshot)).toEqual(["config.json"]);
    await downloadModelPart(repository, "tokenizer", options);
    expect(readdirSync(snapshot)).toEqual(["config.json", "tokenizer.json", "vocab.txt"]);
    const error = await failure(downloadModelPart(repository, "processor", options));
    expect(error).toMatchObject({
      code: "hub/file-not-found",
      expected: "preprocessor_config.json",
    });
  });

  it("by two at the same time", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot, folder } = await setUp(hub);
    await Promise.all([downloadModel(repository, options), downloadModel(repository, options)]);
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
    expect(readdirSync(join(folder, "blobs"))).toHaveLength(5);
  });
});

describe("headers alone", () => {
  it("are read without the weights", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot } = await setUp(hub);
    const checkpoint = await openHubHeaders(repository, options);
    expect(checkpoint.headers.get("w")).toEqual({
      shape: [1000],
      dtype: "F32",
      file: "hf://org/tiny/model.safetensors",
    });
    expect(await failure(checkpoint.read("w"))).toMatchObject({ code: "checkpoint/headers-only" });
    expect(readdirSync(snapshot)).toEqual(["config.json"]);
  });

  it("are read to their end where they are long, and from a server that knows no ranges", async () => {
    const tensors = Object.fromEntries(
      Array.from({ length: 2000 }, (_, k) => [
        `layer.${k}`,
        { dtype: "F32", shape: [1], data_offsets: [4 * k, 4 * k + 4] },
      ]),
    );
    const contents = safetensorsBytes(tensors, 8000);
    const hub = await serveHub({
      [ID]: { ...model, "model.safetensors": { contents, large: true } },
    });
    const { options } = await setUp(hub);
    expect((await openHubHeaders(repository, options)).headers.size).toBe(2000);
    hub.disturb(({ path }, response) => {
      if (isWeights(path)) response.end(contents);
      return isWeights(path);
    });
    expect((await openHubHeaders(repository, options)).headers.size).toBe(2000);
  });
});

describe("a broken connection", () => {
  it("is taken up again where it broke, and each wait is longer", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot, waits } = await setUp(hub);
    let breaks = 3;
    hub.disturb(({ path, range }, response) => {
      if (!isWeights(path) || breaks-- <= 0) return false;
      const begin = Number(/\d+/u.exec(range ?? "")?.[0] ?? 0);
      const rest = weights.subarray(begin);
      const headers = { "content-range": `bytes ${begin}-${weights.length - 1}/${weights.length}` };
      breakOff(response, rest, 1000, begin === 0 ? 200 : 206, begin === 0 ? {} : headers);
      return true;
    });
    await downloadModel(repository, options);
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
    const ranges = hub.seen.filter(({ path }) => isWeights(path)).map(({ range }) => range);
    expect(ranges).toEqual([undefined, "bytes=1000-", "bytes=2000-", "bytes=3000-"]);
    expect(waits).toEqual([1000, 1000, 1000]);
  });

  it("ends the download after some tries; what was received is kept for the next", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot, folder, blob, waits } = await setUp(hub);
    let first = true;
    hub.disturb(({ path }, response) => {
      if (!isWeights(path)) return false;
      if (first) breakOff(response, weights, 1500);
      else response.destroy();
      first = false;
      return true;
    });
    expect(await failure(downloadModel(repository, options))).toMatchObject({
      code: "hub/unreachable",
    });
    expect(waits.slice(0, 3)).toEqual([1000, 1000, 2000]);
    expect(existsSync(blob)).toBe(false);
    expect(existsSync(join(folder, "refs"))).toBe(false);
    expect(lstatSync(`${blob}.ligo.incomplete`).size).toBe(1500);
    hub.disturb(() => false);
    await downloadModel(repository, options);
    expect(hub.seen.at(-1)?.range).toBe("bytes=1500-");
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
  });

  it("of a process that was killed is taken up too, of one that lives is not", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder, blob } = await setUp(hub);
    const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
    mkdirSync(join(folder, "blobs"), { recursive: true });
    // No system gives a process this number.
    const dead = `${blob}.${host}-${2 ** 30}-00000000.incomplete`;
    const alive = `${blob}.${host}-${process.ppid}-00000000.incomplete`;
    writeFileSync(dead, weights.subarray(0, 700));
    writeFileSync(alive, weights.subarray(0, 800));
    await downloadModel(repository, options);
    expect(hub.seen.at(-1)?.range).toBe("bytes=700-");
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(alive)).toBe(true);
  });

  it("by Ctrl-C keeps what was received", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, blob } = await setUp(hub);
    const interrupt = new AbortController();
    hub.disturb(({ path }, response) => {
      if (!isWeights(path)) return false;
      response.writeHead(200, { "content-length": String(weights.length) });
      response.write(weights.subarray(0, 1200));
      return true;
    });
    const reporter = {
      ...options.reporter,
      progress: ({ received }: DownloadEvent) => received === 1200 && interrupt.abort(),
    };
    await expect(
      downloadModel(repository, { ...options, reporter, signal: interrupt.signal }),
    ).rejects.toThrow(/abort/iu);
    expect(lstatSync(`${blob}.ligo.incomplete`).size).toBe(1200);
  });

  it("by a server that does not know ranges starts anew", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder, snapshot, blob } = await setUp(hub);
    mkdirSync(join(folder, "blobs"), { recursive: true });
    writeFileSync(`${blob}.ligo.incomplete`, weights.subarray(0, 900));
    hub.disturb(({ path }, response) => {
      if (isWeights(path)) response.end(weights);
      return isWeights(path);
    });
    await downloadModel(repository, options);
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
  });

  it("without a word (a body cut short, its length not announced) is noticed", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot } = await setUp(hub);
    let cut = true;
    hub.disturb(({ path }, response) => {
      if (!isWeights(path) || !cut) return false;
      cut = false;
      response.end(weights.subarray(0, 10));
      return true;
    });
    await downloadModel(repository, options);
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
  });
});

describe("a wrong hash", () => {
  it.each([
    ["of a large file", "/storage/", "SHA-256"],
    ["of a small file", "/config.json", "git hash"],
  ])("%s is an error, and the file is removed", async (_, part, word) => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder, snapshot } = await setUp(hub);
    hub.disturb(({ path }, response) => {
      if (!path.includes(part)) return false;
      response.end(part === "/storage/" ? Buffer.alloc(weights.length) : '{"model_type":"trap"}');
      return true;
    });
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe("hub/wrong-hash");
    expect(error.message).toContain(word);
    expect(error.message).not.toContain("secret-signature");
    expect(
      readdirSync(join(folder, "blobs")).filter((name) => name.includes("incomplete")),
    ).toEqual([]);
    expect(
      existsSync(join(snapshot, part === "/storage/" ? "model.safetensors" : "config.json")),
    ).toBe(false);
  });

  it("after an earlier part is tried once more from the start", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, folder, blob, snapshot } = await setUp(hub);
    mkdirSync(join(folder, "blobs"), { recursive: true });
    writeFileSync(`${blob}.ligo.incomplete`, "what another file was");
    await downloadModel(repository, options);
    expect(readFileSync(join(snapshot, "model.safetensors"))).toEqual(weights);
  });

  it("of more bytes than there should be is noticed before they are all stored", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    hub.disturb(({ path }, response) => {
      if (isWeights(path)) response.end(Buffer.concat([weights, weights]));
      return isWeights(path);
    });
    expect(await failure(downloadModel(repository, options))).toMatchObject({
      code: "hub/wrong-hash",
    });
  });
});

describe("the token", () => {
  it("goes to the hub, not to where it redirects to", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    await downloadModel(repository, options);
    const [home, elsewhere] = [true, false].map((atHub) =>
      hub.seen.filter(({ host }) => (host === "127.0.0.1") === atHub),
    );
    expect(elsewhere?.length).toBeGreaterThan(0);
    expect(elsewhere?.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(new Set(home?.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${TOKEN}`]),
    );
  });

  it("comes from the file in HF_HOME where HF_TOKEN is not set", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub, { HF_TOKEN: "" });
    writeFileSync(join(options.environment.HF_HOME, "token"), "hf_fromfile\n");
    await downloadModelPart(repository, "config", options);
    expect(hub.seen[0]?.authorization).toBe("Bearer hf_fromfile");
  });

  it.each<[string, (response: Parameters<typeof refuse>[0]) => void]>([
    ["401", (response) => refuse(response, 401, "", `Invalid credentials: ${TOKEN}`)],
    ["403", (response) => refuse(response, 403, "GatedRepo", `gated for ${TOKEN}`)],
    ["403 of no kind", (response) => refuse(response, 403, "", `no access for ${TOKEN}`)],
    ["418", (response) => refuse(response, 418, "", `I am ${TOKEN}`)],
    ["no JSON", (response) => void response.end(`<html>${TOKEN}</html>`)],
    ["429", (response) => void response.writeHead(429).end(TOKEN)],
    ["a broken connection", (response) => void response.destroy()],
    [
      "another address",
      (response) => void response.writeHead(302, { location: `ftp://host/${TOKEN}` }).end(),
    ],
  ])("is in no error and no note: %s", async (_, reply) => {
    const hub = await serveHub({ [ID]: model });
    const { options, notes } = await setUp(hub);
    hub.disturb((__, response) => {
      reply(response);
      return true;
    });
    const error = await failure(downloadModel(repository, options));
    expect(`${error.message}${error.actual}${error.file}${notes.join("")}`).not.toContain(TOKEN);
  });

  it("that no header can hold is refused without being shown", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub, { HF_TOKEN: "hf_secret\u0007part" });
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe("hub/bad-token");
    expect(error.message).not.toContain("secret");
    expect(hub.seen).toEqual([]);
  });
});

describe("a hub that refuses:", () => {
  it.each<[string, number, string, string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      "hub/not-found",
      401,
      "RepoNotFound",
      "Repository not found",
      { HF_TOKEN: "" },
      [ID, "HF_TOKEN", "set"],
    ],
    ["hub/not-found", 404, "RepoNotFound", "Repository not found", {}, [ID, "check the name"]],
    [
      "hub/gated",
      401,
      "GatedRepo",
      "Access is restricted",
      { HF_TOKEN: "" },
      ["accept its terms", "set HF_TOKEN"],
    ],
    [
      "hub/gated",
      403,
      "GatedRepo",
      "Access is restricted",
      {},
      ["accept its terms", "check that the token"],
    ],
    [
      "hub/unauthorized",
      401,
      "",
      "Invalid credentials in Authorization header",
      {},
      ["does not accept"],
    ],
    ["hub/forbidden", 403, "", "Access to this resource is disabled.", {}, ["is disabled"]],
    ["hub/revision-not-found", 404, "RevisionNotFound", "Invalid rev id", {}, ['"main"', ID]],
  ])("%s for %i %s", async (code, status, reason, message, environment, parts) => {
    const hub = await serveHub({ [ID]: model });
    const { options, waits } = await setUp(hub, environment);
    hub.disturb((_, response) => {
      refuse(response, status, reason, message);
      return true;
    });
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe(code);
    for (const part of parts) expect(error.message).toContain(part);
    expect(waits).toEqual([]);
  });

  it("for now (429) is waited for as long as it asks", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, waits, notes } = await setUp(hub);
    const asked = ["7", "2", undefined];
    hub.disturb((_, response) => {
      if (asked.length === 0) return false;
      const after = asked.shift();
      response
        .writeHead(
          429,
          after === undefined ? { ratelimit: '"api";r=0;t=9' } : { "retry-after": after },
        )
        .end();
      return true;
    });
    await downloadModel(repository, options);
    expect(waits).toEqual([7000, 2000, 9000]);
    expect(notes[0]).toContain("status 429");
    expect(notes[0]).toContain("7 s");
  });

  it("for now is given up in the end, at once where the wait would be long", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, waits } = await setUp(hub);
    hub.disturb((_, response) => {
      response.writeHead(503).end();
      return true;
    });
    expect(await failure(downloadModel(repository, options))).toMatchObject({
      code: "hub/server-error",
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000]);
    hub.disturb((_, response) => {
      response.writeHead(429, { "retry-after": "3600" }).end();
      return true;
    });
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe("hub/rate-limited");
    expect(error.message).toContain("3600 s");
    expect(waits).toHaveLength(5);
  });

  it("redirects for ever", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    hub.disturb(({ path }, response) => {
      response.writeHead(302, { location: path }).end();
      return true;
    });
    expect(await failure(downloadModel(repository, options))).toMatchObject({
      code: "hub/bad-response",
    });
  });

  it("lists a path that leads out of the cache", async () => {
    const hub = await serveHub({ [ID]: { ...model, "../../escape.json": text("{}") } });
    const { options, folder } = await setUp(hub);
    const error = await failure(downloadModel(repository, options));
    expect(error).toMatchObject({ code: "hub/bad-response" });
    expect(existsSync(folder)).toBe(false);
  });
});

describe("without the hub", () => {
  it("HF_HUB_OFFLINE takes what is in the cache and asks for nothing", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot } = await setUp(hub);
    await downloadModel(repository, options);
    const before = hub.seen.length;
    const offline = { ...options, environment: { ...options.environment, HF_HUB_OFFLINE: "1" } };
    expect(await downloadModel(repository, offline)).toEqual({ folder: snapshot, commit: COMMIT });
    const checkpoint = await openHubHeaders(repository, offline);
    expect(await checkpoint.read("w")).toHaveLength(1000);
    await checkpoint.close();
    expect(hub.seen.length).toBe(before);
  });

  it("HF_HUB_OFFLINE says what is not in the cache", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub, { HF_HUB_OFFLINE: "true" });
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe("hub/not-cached");
    for (const part of [ID, "HF_HUB_OFFLINE", "models--org--tiny"])
      expect(error.message).toContain(part);
    expect(hub.seen).toEqual([]);
  });

  it("half a snapshot is not taken for a whole one", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    await downloadModelPart(repository, "config", options);
    const offline = { ...options, environment: { ...options.environment, HF_HUB_OFFLINE: "1" } };
    const error = await failure(downloadModel(repository, offline));
    expect(error).toMatchObject({ code: "hub/not-cached", expected: "tokenizer.json" });
  });

  it("a hub that cannot be reached leaves the cache, and a note", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options, snapshot, notes } = await setUp(hub);
    await downloadModel(repository, options);
    hub.disturb((_, response) => {
      response.destroy();
      return true;
    });
    expect(await downloadModel(repository, options)).toEqual({ folder: snapshot, commit: COMMIT });
    expect(notes.at(-1)).toContain("as it is in the cache");
    const other = parseModelId("org/other") as HubRepository;
    expect(await failure(downloadModel(other, options))).toMatchObject({ code: "hub/unreachable" });
  });
});

describe("a repository without safetensors", () => {
  it("is refused with the lines that convert it", async () => {
    const { "model.safetensors": _, ...files } = model;
    const hub = await serveHub({ [ID]: files });
    const { options } = await setUp(hub);
    const error = await failure(downloadModel(repository, options));
    expect(error.code).toBe("hub/no-safetensors");
    for (const part of [ID, "pytorch_model.bin", "hf download org/tiny", "python -c"]) {
      expect(error.message).toContain(part);
    }
  });
});

describe("the disk", () => {
  it("that is full is told before anything is downloaded", async () => {
    const huge = { ...model, "model.safetensors": { contents: weights, large: true } };
    const hub = await serveHub({ [ID]: huge });
    const { options } = await setUp(hub);
    hub.disturb(({ path }, response) => {
      if (!path.includes("/tree/")) return false;
      const size = Number.MAX_SAFE_INTEGER;
      const entry = { type: "file", oid: gitHash(weights), size, path: "model.safetensors" };
      const config = { ...entry, size: 2, path: "config.json" };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify([
          config,
          { ...entry, lfs: { oid: sha256(weights), size, pointerSize: 134 } },
        ]),
      );
      return true;
    });
    const error = await failure(downloadModel(repository, options));
    expect(error).toMatchObject({ code: "output/disk-full" });
    expect(error.message).toContain("HF_HUB_CACHE");
    expect(hub.seen.some(({ path }) => path.includes("/resolve/"))).toBe(false);
  });

  it("that cannot be written is named", async () => {
    const hub = await serveHub({ [ID]: model });
    const { options } = await setUp(hub);
    writeFileSync(join(options.environment.HF_HOME, "hub"), "a file where the cache should be");
    expect(await failure(downloadModel(repository, options))).toMatchObject({
      code: "output/write-failed",
    });
  });
});

import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { failure, safetensorsBytes, temporaryFolder } from "@ligo/vitest/files";
import { COMMIT, gitHash, serveHub, type LoopbackHub } from "@ligo/vitest/loopback-hub";
import { downloadModel } from "./download-model.js";
import { parseModelId, type HubRepository } from "./hub-id.js";

const TOKEN = "hf_loopbackTOKENloopback+TOKEN";
const ID = "org/tiny";
const repository = parseModelId(ID) as HubRepository;
const weights = safetensorsBytes(
  { w: { dtype: "F32", shape: [1000], data_offsets: [0, 4000] } },
  4000,
);
const model = {
  "config.json": { contents: Buffer.from('{"model_type":"bert"}') },
  "model.safetensors": { contents: weights, large: true },
};

interface Tried {
  readonly error: Awaited<ReturnType<typeof failure>>;
  readonly notes: readonly string[];
  readonly waits: readonly number[];
}

type Reply = (response: ServerResponse, path: string) => void;

/** Downloads from a hub that answers some paths in its own way. */
async function tryHub(
  isDisturbed: (path: string) => boolean,
  reply: Reply,
  {
    patience = "20",
    seen = () => undefined,
  }: { readonly patience?: string; readonly seen?: (hub: LoopbackHub) => void } = {},
): Promise<Tried> {
  const hub = await serveHub({ [ID]: model });
  seen(hub);
  hub.disturb(({ path }, response) => {
    if (isDisturbed(path)) reply(response, path);
    return isDisturbed(path);
  });
  const notes: string[] = [];
  const waits: number[] = [];
  const error = await failure(
    downloadModel(repository, {
      environment: {
        HF_ENDPOINT: hub.endpoint,
        HF_HOME: temporaryFolder(),
        HF_TOKEN: TOKEN,
        HF_HUB_DOWNLOAD_TIMEOUT: patience,
      },
      reporter: { note: (note) => void notes.push(note), progress: () => undefined },
      wait: async (milliseconds) => void waits.push(milliseconds),
    }),
  );
  return { error, notes, waits };
}

const anything = (): boolean => true;
const isApi = (path: string): boolean => path.startsWith("/api/");
const isTree = (path: string): boolean => path.includes("/tree/");
const isWeights = (path: string): boolean => path.startsWith("/storage/");

/** Answers with the listing of a repository, page after page. */
const json = (response: ServerResponse, value: unknown, link?: string): void =>
  void response
    .writeHead(200, {
      "content-type": "application/json",
      ...(link === undefined ? {} : { link: `<${link}>; rel="next"` }),
    })
    .end(JSON.stringify(value));

describe("a hub that says nothing", () => {
  it("is told early, and given up", async () => {
    const { error, notes } = await tryHub(anything, () => undefined, { patience: "0.1" });
    expect(error).toMatchObject({ code: "hub/unreachable" });
    expect(error.message).toContain("it says nothing for 0.1 s");
    expect(notes[0]).toMatch(/^waiting for an answer from 127\.0\.0\.1:/u);
  });

  it("after the beginning of a listing is given up", async () => {
    const { error } = await tryHub(isApi, (response) => void response.writeHead(200).write("["), {
      patience: "0.1",
    });
    expect(error).toMatchObject({ code: "hub/unreachable" });
  });

  it("after the beginning of a file is given up, in the end", async () => {
    const { error, waits } = await tryHub(
      isWeights,
      (response) => {
        response.writeHead(200, { "content-length": String(weights.length) });
        response.write(weights.subarray(0, 100));
      },
      { patience: "0.1" },
    );
    expect(error).toMatchObject({ code: "hub/unreachable" });
    expect(waits.length).toBeLessThan(10);
  });
});

describe("a hub that says too much", () => {
  it("in one answer is stopped", async () => {
    const part = Buffer.alloc(2 ** 20, "x");
    const { error } = await tryHub(isApi, (response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"a":"');
      const more = (): void => {
        while (response.write(part));
      };
      response.on("drain", more);
      more();
    });
    expect(error).toMatchObject({ code: "hub/bad-response", actual: "more" });
  });

  it("in pages without end is stopped", async () => {
    let pages = 0;
    let endpoint = "";
    const { error } = await tryHub(
      isTree,
      (response, path) => {
        const file = { type: "file", path: `f${pages++}`, size: 1, oid: "a".repeat(40) };
        json(response, [file], `${endpoint}${path}?cursor=${pages}`);
      },
      { seen: (hub) => void ({ endpoint } = hub) },
    );
    expect(error).toMatchObject({ code: "hub/bad-response", expected: "at most 500 pages" });
  });

  it("in levels without end is refused", async () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const lies: readonly (readonly [isDisturbed: typeof isApi, answer: string])[] = [
      [isApi, `{"_id":"1","id":"${ID}","sha":${deep}}`],
      [isTree, `[{"type":"file","size":1,"oid":"${"a".repeat(40)}","path":${deep}}]`],
      [isTree, deep],
    ];
    for (const [isDisturbed, answer] of lies) {
      const { error } = await tryHub(isDisturbed, (response) => {
        response.writeHead(200, { "content-type": "application/json" }).end(answer);
      });
      expect(error.code).toBe("hub/bad-response");
    }
  });

  it("by breaking off after each byte is given up", async () => {
    const { error, waits } = await tryHub(isWeights, (response) => {
      response.writeHead(200, { "content-length": String(weights.length) });
      response.write(weights.subarray(0, 1), () => response.destroy());
    });
    expect(error).toMatchObject({ code: "hub/unreachable" });
    expect(waits.length).toBeLessThan(60);
  });
});

describe("an answer that no retry can help", () => {
  it.each([201, 204, 206, 304, 400, 401, 403, 404, 416, 451])("%i is final", async (status) => {
    for (const isDisturbed of [isApi, isWeights]) {
      const { error, waits } = await tryHub(
        isDisturbed,
        (response) => void response.writeHead(status).end(),
      );
      expect(error.code).toMatch(/^hub\/(bad-response|not-found|forbidden)$/u);
      expect(waits).toEqual([]);
    }
  });

  it.each([
    ["a nested listing", isTree, `[{"type":"file","path":${"[".repeat(2e5)}${"]".repeat(2e5)}}]`],
    ["no list", isTree, "{}"],
    ["a list of nothing", isTree, "[null]"],
    ["a list of numbers", isTree, "[1]"],
    ["no object", isApi, "[]"],
    ["nothing", isApi, "null"],
    ["no JSON", isApi, "<html>"],
  ])("%s is final", async (_, isDisturbed, answer) => {
    const { error, waits } = await tryHub(isDisturbed, (response) => void response.end(answer));
    expect(error.code).toBe("hub/bad-response");
    expect(waits).toEqual([]);
  });

  it("a redirect to no address is final", async () => {
    const redirect = await tryHub(
      anything,
      (response) => void response.writeHead(302, { location: "http://[" }).end(),
    );
    expect(redirect).toMatchObject({ error: { code: "hub/bad-response" }, waits: [] });
  });
});

describe("what a hub echoes", () => {
  const ECHOES: readonly (readonly [string, (path: string) => boolean, Reply])[] = [
    [
      "a reason",
      anything,
      (response) => void response.writeHead(400, { "x-error-code": `bad-${TOKEN}` }).end(),
    ],
    [
      "a path",
      isTree,
      (response) =>
        json(response, [{ type: "file", path: `/${TOKEN}`, size: 1, oid: gitHash(weights) }]),
    ],
    [
      "a path that is safe",
      isTree,
      (response) => json(response, [{ type: "file", path: TOKEN, size: 1, oid: gitHash(weights) }]),
    ],
    [
      "an encoded path",
      isTree,
      (response) =>
        json(response, [
          { type: "file", path: `/${encodeURIComponent(TOKEN)}`, size: 1, oid: gitHash(weights) },
        ]),
    ],
    ["a commit", isApi, (response) => json(response, { _id: "1", id: ID, sha: TOKEN })],
    [
      "a host",
      anything,
      (response) =>
        void response.writeHead(302, { location: `ftp://${TOKEN.replace("+", "")}/` }).end(),
    ],
    [
      "a password",
      anything,
      (response) =>
        void response.writeHead(302, { location: `http://user:${TOKEN}@127.0.0.1:1/` }).end(),
    ],
    [
      "a range",
      isWeights,
      (response) => void response.writeHead(200, { "content-range": TOKEN }).destroy(),
    ],
  ];

  it.each(ECHOES)("%s is shown without the token", async (_, isDisturbed, reply) => {
    const { error, notes } = await tryHub(isDisturbed, reply);
    const said = [error.message, error.actual, error.file, error.expected, ...notes].join(" ");
    const hidden = TOKEN.slice(3, 20);
    expect(decodeURIComponent(said).toLowerCase()).not.toContain(hidden.toLowerCase());
    expect(said).toContain("127.0.0.1");
  });

  it("of control characters never reaches a terminal", async () => {
    const { error } = await tryHub(isTree, (response) =>
      json(response, [
        { type: "file", path: "a\u001b[2J\u202e.json", size: 1, oid: gitHash(weights) },
      ]),
    );
    expect(error.message).toContain(String.raw`a\\u001b[2J\\u202e.json`);
  });

  it("is nothing where all is well", async () => {
    const hub = await serveHub({ [ID]: model });
    const environment = { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder(), HF_TOKEN: TOKEN };
    await expect(downloadModel(repository, { environment })).resolves.toMatchObject({
      commit: COMMIT,
    });
  });
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failure, safetensorsBytes, temporaryFolder } from "@ligo/vitest/files";
import { refuse } from "@ligo/vitest/loopback-hub";
import { serveUploads, type UploadHub } from "@ligo/vitest/loopback-uploads";
import { expect, it } from "vitest";
import { withoutPlaces } from "./push-files.js";
import { pushModel } from "./push-model.js";

const TOKEN = "hf_loopbackTOKENloopbackTOKEN";
const NAME = "org/grown";
const CARD = "---\ntags: [ligo]\n---\n# grown\n";

/** A folder as a growth leaves it, with files that stay at home. */
function grownFolder(): string {
  const folder = temporaryFolder();
  const header = { w: { dtype: "F32", shape: [4], data_offsets: [0, 16] } };
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "model.safetensors": safetensorsBytes(header, 16),
    "operator.safetensors": safetensorsBytes({ ...header, x: header.w }, 16),
    "config.json": '{"model_type":"bert"}',
    "tokenizer.json": "{}",
    "README.md": CARD,
    "ligo.json": JSON.stringify({
      source: { path: "/home/me/small" },
      settings: { data: ["/d/t.txt"] },
    }),
    "recipe.json": '{"checkpoint":"/home/me/small"}',
    "metrics.jsonl": "{}\n",
    "optimizer.safetensors": safetensorsBytes(header, 16),
    ".secret": "s",
  };
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  mkdirSync(join(folder, "checkpoints"));
  writeFileSync(join(folder, "checkpoints", "model.safetensors"), "");
  return folder;
}

const PUSHED = [
  "README.md",
  "config.json",
  "ligo.json",
  "model.safetensors",
  "operator.safetensors",
  "tokenizer.json",
];

const optionsFor = (hub: UploadHub, environment: Readonly<Record<string, string>> = {}) => ({
  environment: {
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: temporaryFolder(),
    HF_TOKEN: TOKEN,
    ...environment,
  },
});

it("a model goes up with its card, for nobody else to see, and once", async () => {
  const hub = await serveUploads(TOKEN);
  const folder = grownFolder();
  const first = await pushModel(folder, NAME, optionsFor(hub));
  expect(first).toMatchObject({
    url: `${hub.endpoint}/${NAME}`,
    created: true,
    visibility: "private",
    skipped: [],
    commit: "c0ffee",
  });
  const repository = hub.repositories.get(NAME)!;
  expect(repository.visibility).toBe("private");
  expect([...repository.files.keys()].toSorted()).toEqual(PUSHED);
  expect(repository.files.get("README.md")?.toString()).toBe(CARD);
  expect(JSON.parse(String(repository.files.get("ligo.json")))).toEqual({
    source: { path: "small" },
    settings: { data: ["t.txt"] },
  });

  const before = hub.seen.length;
  const again = await pushModel(folder, NAME, optionsFor(hub));
  expect(again).toMatchObject({
    created: false,
    visibility: "as it was",
    uploaded: [],
    skipped: PUSHED,
  });
  expect(hub.seen.slice(before)).toEqual([`GET /api/models/${NAME}/tree/main`]);

  writeFileSync(join(folder, "README.md"), "# other\n");
  const third = await pushModel(folder, NAME, optionsFor(hub));
  expect(third.uploaded).toEqual([{ path: "README.md", size: 8 }]);
});

it("a repository is public where that is asked for", async () => {
  const hub = await serveUploads(TOKEN);
  await pushModel(grownFolder(), NAME, { ...optionsFor(hub), isPublic: true });
  expect(hub.repositories.get(NAME)?.visibility).toBe("public");
});

it("a dry run sends nothing", async () => {
  const hub = await serveUploads(TOKEN);
  const said = await pushModel(grownFolder(), NAME, { ...optionsFor(hub), dryRun: true });
  expect(said).toMatchObject({ created: true, visibility: "private", commit: undefined });
  expect(said.uploaded.map(({ path }) => path)).toEqual(PUSHED);
  expect(hub.seen).toEqual([`GET /api/models/${NAME}/tree/main`]);
});

it("an upload that broke off goes on with what is not there yet", async () => {
  const hub = await serveUploads(TOKEN);
  const folder = grownFolder();
  let uploads = 0;
  hub.disturb((line, response) => {
    if (!line.startsWith("PUT /storage/") || ++uploads !== 2) return false;
    response.destroy();
    return true;
  });
  expect(await failure(pushModel(folder, NAME, optionsFor(hub)))).toMatchObject({
    code: "hub/unreachable",
    message: expect.stringContaining("run the same again") as string,
  });
  hub.disturb(() => false);
  const before = hub.seen.length;
  const pushed = await pushModel(folder, NAME, optionsFor(hub));
  expect(pushed.created).toBe(false);
  const sent = hub.seen.slice(before).filter((line) => line.startsWith("PUT /storage/"));
  expect(sent).toHaveLength(1);
  expect([...hub.repositories.get(NAME)!.files.keys()].toSorted()).toEqual(PUSHED);
});

it.each([
  [403, "hub/forbidden", /may not write to org\/grown/u],
  [404, "hub/not-found", /no user or organisation org/u],
  [401, "hub/unauthorized", /does not accept the access token/u],
  [500, "hub/bad-response", /status 500/u],
])("status %i ends with %s", async (status, code, message) => {
  const hub = await serveUploads(TOKEN);
  hub.disturb((line, response) => {
    if (line !== "POST /api/repos/create") return false;
    refuse(response, status, "", `no: ${TOKEN}`);
    return true;
  });
  const error = await failure(pushModel(grownFolder(), NAME, optionsFor(hub)));
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  expect(String(error)).not.toContain(TOKEN);
});

it.each<[string, Readonly<Record<string, string>>, string]>([
  [NAME, { HF_TOKEN: "" }, "hub/no-token"],
  [NAME, { HF_TOKEN: "hf_another" }, "hub/unauthorized"],
  [NAME, { HF_TOKEN: "another" }, "hub/bad-token"],
  [NAME, { HF_HUB_OFFLINE: "1" }, "hub/offline"],
  ["grown", {}, "hub/bad-id"],
  ["org/grown@v1", {}, "hub/bad-id"],
  ["../grown", {}, "hub/bad-id"],
])("%s with %j ends with %s", async (name, environment, code) => {
  const hub = await serveUploads(TOKEN);
  const error = await failure(pushModel(grownFolder(), name, optionsFor(hub, environment)));
  expect(error).toMatchObject({ code });
  expect(hub.repositories.size).toBe(0);
});

it("a folder that is no whole model is refused before anything is asked", async () => {
  const hub = await serveUploads(TOKEN);
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.json"), "{}");
  const index = { weight_map: { a: "model-00001-of-00001.safetensors" } };
  expect(await failure(pushModel(folder, NAME, optionsFor(hub)))).toMatchObject({
    code: "hub/incomplete",
    expected: "model.safetensors",
  });
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
  expect(await failure(pushModel(folder, NAME, optionsFor(hub)))).toMatchObject({
    expected: "model-00001-of-00001.safetensors",
  });
  expect(await failure(pushModel(join(folder, "none"), NAME, optionsFor(hub)))).toMatchObject({
    code: "hub/incomplete",
  });
  expect(hub.seen).toEqual([]);
});

it("a record loses folders of this machine and nothing else", () => {
  const record = {
    a: ["/x/y.txt", "C:\\x\\y", "hf://datasets/org/d", "rel/y"],
    b: { c: 1, d: null },
  };
  expect(JSON.parse(withoutPlaces(JSON.stringify(record)))).toEqual({
    a: ["y.txt", expect.any(String), "hf://datasets/org/d", "rel/y"],
    b: { c: 1, d: null },
  });
});

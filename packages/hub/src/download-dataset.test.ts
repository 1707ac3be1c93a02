import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { COMMIT, serveHub } from "@ligo/vitest/loopback-hub";
import { chooseDataFiles, downloadDataset } from "./download-dataset.js";
import { parseDatasetUrl } from "./hub-id.js";

const PATHS = [
  "README.md",
  "data/test-00000-of-00001.parquet",
  "data/train-00000-of-00002.parquet",
  "data/train-00001-of-00002.parquet",
  "extra/more/words.txt.gz",
  "extra/notes.jsonl",
  "script.py",
];

const choose = (path: string, paths: readonly string[] = PATHS): readonly string[] =>
  chooseDataFiles(paths, parseDatasetUrl(`hf://datasets/org/name${path}`));

describe("the files of a dataset", () => {
  it("are those for training, where some are called so", () => {
    const training = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"];
    expect(choose("")).toEqual(training);
    expect(choose("/data")).toEqual(training);
    expect(choose("", ["strained.txt", "b.jsonl", "a.bin"])).toEqual(["b.jsonl", "strained.txt"]);
  });

  it("are those that are named, whatever they are called", () => {
    expect(choose("/data/test-00000-of-00001.parquet")).toEqual([
      "data/test-00000-of-00001.parquet",
    ]);
    expect(choose("/script.py")).toEqual(["script.py"]);
    expect(choose("/extra")).toEqual(["extra/more/words.txt.gz", "extra/notes.jsonl"]);
  });

  it.each<[string, readonly number[]]>([
    ["/data/*.parquet", [1, 2, 3]],
    ["/data/train-0000?-*", [2, 3]],
    ["/**/*.txt.gz", [4]],
    ["/extra/*", [5]],
    ["/extra/**", [4, 5]],
    ["/*.md", [0]],
    ["/data/{train,test}-*.parquet", [1, 2, 3]],
    ["/extra/{more/words.txt.gz,notes.jsonl}", [4, 5]],
    ["/**", [0, 1, 2, 3, 4, 5, 6]],
  ])("fit the glob %s", (glob, indices) => {
    expect(choose(glob)).toEqual(indices.map((index) => PATHS[index]));
  });

  it("fit globs in which other characters stand for themselves", () => {
    const paths = ["a(1)[2].txt", "a12.txt", ".b.txt", "{a}.txt"];
    expect(choose("/a(1)[2].*", paths)).toEqual(["a(1)[2].txt"]);
    expect(choose("/*.txt", paths)).toEqual([".b.txt", "a(1)[2].txt", "a12.txt", "{a}.txt"]);
    expect(choose("/{a}.txt", paths)).toEqual(["{a}.txt"]);
    expect(choose("/{a,b}", ["a/1.txt", "{a,b}/2.txt"])).toEqual(["{a,b}/2.txt"]);
  });

  it("that are not there are named beside those that are", async () => {
    const error = await failure((async () => choose("/missing.txt"))());
    expect(error.code).toBe("hub/no-match");
    expect(error.message).toContain("README.md");
  });
});

it("a dataset is downloaded into the cache", async () => {
  const hub = await serveHub({
    "datasets/org/words": {
      "README.md": { contents: Buffer.from("# words") },
      "data/train.txt": { contents: Buffer.from("a b c\n"), large: true },
      "data/test.txt": { contents: Buffer.from("d\n") },
    },
  });
  const home = temporaryFolder();
  const notes: string[] = [];
  const files = await downloadDataset(parseDatasetUrl("hf://datasets/org/words"), {
    environment: { HF_HOME: home, HF_ENDPOINT: hub.endpoint },
    reporter: { note: (note) => void notes.push(note), progress: () => undefined },
  });
  expect(files).toEqual([
    join(home, "hub", "datasets--org--words", "snapshots", COMMIT, "data", "train.txt"),
  ]);
  expect(readFileSync(files[0] ?? "", "utf8")).toBe("a b c\n");
  expect(notes).toEqual(["org/words: 1 of its data files taken, 1 left out."]);
});

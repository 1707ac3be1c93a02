import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HubError } from "./hub-error.js";
import { describeRepository, parseDatasetUrl, parseModelId } from "./hub-id.js";

describe("names of models", () => {
  it.each([
    ["bert-base-uncased", "bert-base-uncased", "main"],
    ["google-bert/bert-base-uncased", "google-bert/bert-base-uncased", "main"],
    ["org/name@v1.0", "org/name", "v1.0"],
    ["org/name@refs/pr/3", "org/name", "refs/pr/3"],
    ["hf://org/name@main", "org/name", "main"],
    ["hf://models/org/name", "org/name", "main"],
    ["hf://org/name.json", "org/name.json", "main"],
  ])("%s", (text, name, revision) => {
    expect(parseModelId(text)).toEqual({ type: "model", name, revision });
  });

  it.each([
    "./bert",
    "../bert",
    "/tmp/bert",
    "~/bert",
    "C:\\bert",
    "a/b/c",
    "bert/",
    ".hidden",
    "model.safetensors",
    "out/config.json",
    "a--b",
    "a..b",
    "",
    "x".repeat(97),
  ])("%j has another form", (text) => {
    expect(parseModelId(text)).toBeUndefined();
  });

  it.each(["hf://a/b/c", "hf://", "org/name@", "org/name@../../x", "org/name@a//b", "org/name@-x"])(
    "%j is refused",
    (text) => {
      expect(() => parseModelId(text)).toThrow(HubError);
    },
  );

  it("never lead out of a folder", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("a", "B", ".", "-", "_", "/", "@", "\\", " ", "é", "\0"),
        }),
        (text) => {
          let found: ReturnType<typeof parseModelId>;
          try {
            found = parseModelId(text);
          } catch (error) {
            expect(error).toBeInstanceOf(HubError);
            return;
          }
          if (found === undefined) return;
          for (const part of [...found.name.split("/"), ...found.revision.split("/")]) {
            expect(part).toMatch(/^\w(?:[\w.+-]*)$/u);
            expect(part).not.toContain("..");
          }
          expect(parseModelId(describeRepository(found))).toEqual(found);
        },
      ),
      { seed: 1 },
    );
  });
});

describe("names of datasets", () => {
  it.each([
    ["hf://datasets/org/name", "org/name", "main", undefined],
    ["hf://datasets/org/name@v2/data/*.parquet", "org/name", "v2", "data/*.parquet"],
    ["hf://datasets/org/name/train.jsonl", "org/name", "main", "train.jsonl"],
    [
      "hf://datasets/org/name@refs/convert/parquet/a/b.parquet",
      "org/name",
      "refs/convert/parquet",
      "a/b.parquet",
    ],
    ["hf://datasets/org/name@refs%2Fpr%2F1", "org/name", "refs/pr/1", undefined],
    ["hf://datasets/squad", "squad", "main", undefined],
    ["hf://datasets/squad@v1", "squad", "v1", undefined],
    ["hf://datasets/org/name/data/", "org/name", "main", "data"],
  ])("%s", (url, name, revision, path) => {
    expect(parseDatasetUrl(url)).toEqual({ repository: { type: "dataset", name, revision }, path });
  });

  it.each(["hf://datasets/", "hf://datasets//name", "hf://datasets/org/../x", "org/name"])(
    "%s is refused",
    (url) => {
      expect(() => parseDatasetUrl(url)).toThrow(HubError);
    },
  );
});

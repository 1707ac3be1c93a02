import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { putTogether, takeApart, type RawSafetensors } from "@ligo/vitest/raw-safetensors";
import { fixture, ligo, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";

const QUERY = "bert.encoder.layer.0.attention.self.query.weight";
const WIDER = '{"hidden_size":64,"num_attention_heads":8,"intermediate_size":128}';

/** Everything that must hold of a refusal: exit code 2, nothing on stdout, no output, no fault of ours, these words. */
async function expectRefusal(
  argv: readonly string[],
  out: string,
  words: readonly string[],
): Promise<void> {
  const { code, stdout, stderr } = await ligo(argv);
  expect(stderr).toMatch(/^error \[\w+\/[\w-]+\]: /);
  expect(stderr).not.toContain("our fault");
  for (const word of words) expect(stderr).toContain(word);
  expect([code, stdout]).toEqual([2, ""]);
  expect(existsSync(out)).toBe(false);
}

/** A copy of a checkpoint recorded from transformers, with its weights file damaged. */
function damaged(change: (file: string, parts: RawSafetensors) => void): {
  checkpoint: string;
  file: string;
  out: string;
} {
  const folder = temporaryFolder();
  const checkpoint = join(folder, "small");
  mkdirSync(checkpoint);
  const file = join(checkpoint, "model.safetensors");
  copyFileSync(fixture("bert-tiny/config.json"), join(checkpoint, "config.json"));
  copyFileSync(fixture("bert-tiny/model.safetensors"), file);
  change(file, takeApart(file));
  return { checkpoint, file, out: join(folder, "out") };
}

const grow = (checkpoint: string, out: string, to: string = WIDER): readonly string[] => [
  "grow",
  checkpoint,
  "--to",
  to,
  "--method",
  "stack",
  "--out",
  out,
];

describe("a damaged weights file is refused:", () => {
  const header =
    (change: (header: RawSafetensors["header"]) => void) =>
    (file: string, parts: RawSafetensors): void => {
      change(parts.header);
      putTogether(file, parts.header, parts.data);
    };
  const query = (header: RawSafetensors["header"]) => header[QUERY]!;

  it.each<[string, (file: string, parts: RawSafetensors) => void, readonly string[]]>([
    ["cut off", (file) => truncateSync(file, 20_000), ["bytes"]],
    ["cut off within its header", (file) => truncateSync(file, 300), ["header", "300 bytes"]],
    ["empty", (file) => truncateSync(file, 0), ["0 bytes"]],
    [
      "a header longer than the file",
      (file) => {
        const bytes = readFileSync(file);
        bytes.writeBigUInt64LE(10_000_000_000n);
        writeFileSync(file, bytes);
      },
      ["10000000000 bytes"],
    ],
    [
      "overlapping offsets",
      header((all) => {
        const [begin, end] = query(all).data_offsets;
        query(all).data_offsets = [begin - 4, end - 4];
      }),
      [QUERY],
    ],
    [
      "offsets beyond the data",
      header((all) => {
        const [begin, end] = query(all).data_offsets;
        query(all).data_offsets = [begin + 1e9, end + 1e9];
      }),
      [QUERY],
    ],
    [
      "a name twice",
      (file, { header: all, data }) => {
        const entry = `"${QUERY}":${JSON.stringify(query(all))}`;
        putTogether(file, `{${entry},${JSON.stringify(all).slice(1)}`, data);
      },
      [QUERY],
    ],
    ["an unknown dtype", header((all) => void (query(all).dtype = "Q4")), [QUERY, "Q4"]],
    ["no JSON in the header", (file, { data }) => putTogether(file, "{not json}", data), ["JSON"]],
  ])("%s", async (_what, change, words) => {
    const { checkpoint, file, out } = damaged(change);
    await expectRefusal(grow(checkpoint, out), out, [file, ...words]);
    await expectRefusal(["plan", checkpoint, "--to", WIDER], out, [file, ...words]);
  });

  it("a missing tensor", async () => {
    const { checkpoint, file, out } = damaged((path, { header: all, data }) => {
      // Another name for the same bytes: the data has no hole.
      all["surplus.weight"] = query(all);
      delete all[QUERY];
      putTogether(path, all, data);
    });
    await expectRefusal(grow(checkpoint, out), out, [file, "surplus.weight", "nearest"]);
  });

  it("a tensor too few, of fewer layers than the config says", async () => {
    const { checkpoint, file, out } = damaged(() => undefined);
    const config = JSON.parse(readFileSync(join(checkpoint, "config.json"), "utf8")) as object;
    const deeper = { ...config, num_hidden_layers: 3 };
    writeFileSync(join(checkpoint, "config.json"), JSON.stringify(deeper));
    await expectRefusal(grow(checkpoint, out), out, [file, "bert.encoder.layer.2."]);
  });

  it("a tensor too many", async () => {
    const { checkpoint, file, out } = damaged((path, { header: all, data }) => {
      const end = data.length;
      all["bert.encoder.layer.7.extra"] = {
        dtype: "F32",
        shape: [1],
        data_offsets: [end, end + 4],
      };
      putTogether(path, all, Buffer.concat([data, Buffer.alloc(4)]));
    });
    await expectRefusal(grow(checkpoint, out), out, [file, "bert.encoder.layer.7.extra"]);
  });

  it("a wrong shape", async () => {
    const { checkpoint, file, out } = damaged(header((all) => void (query(all).shape = [16, 64])));
    await expectRefusal(grow(checkpoint, out), out, [file, QUERY, "[32, 32]", "[16, 64]"]);
  });

  it("weights that are not numbers", async () => {
    const { checkpoint, file, out } = damaged((path, { header: all, data }) => {
      data.writeFloatLE(Number.NaN, query(all).data_offsets[0] + 4 * 37);
      putTogether(path, all, data);
    });
    // Row 1, column 5 of [32, 32].
    await expectRefusal(grow(checkpoint, out), out, [file, QUERY, "NaN", "[1, 5]"]);
  });
});

describe("a checkpoint is refused:", () => {
  it("an index that points outside its folder", async () => {
    const folder = temporaryFolder();
    copyFileSync(fixture("bert-tiny/config.json"), join(folder, "config.json"));
    const index = join(folder, "model.safetensors.index.json");
    writeFileSync(index, JSON.stringify({ weight_map: { [QUERY]: "../../secret.safetensors" } }));
    const out = join(folder, "out");
    await expectRefusal(grow(folder, out), out, [index, QUERY, "../../secret.safetensors"]);
  });

  it("a pickle, with the command that converts it", async () => {
    const folder = temporaryFolder();
    copyFileSync(fixture("bert-tiny/config.json"), join(folder, "config.json"));
    const pickle = join(folder, "pytorch_model.bin");
    writeFileSync(pickle, "\u0080\u0002}q");
    const out = join(folder, "out");
    await expectRefusal(grow(folder, out), out, [pickle, "python -c"]);
    await expectRefusal(grow(pickle, out), out, [pickle, "python -c"]);
  });

  it("a path that is not there, and a hub id", async () => {
    const out = join(temporaryFolder(), "out");
    await expectRefusal(grow("/nowhere/small", out), out, ["/nowhere/small"]);
    await expectRefusal(grow("google-bert/bert-base-uncased", out), out, [
      "no file or folder google-bert/bert-base-uncased",
      "HF_HUB_OFFLINE",
      "./google-bert/bert-base-uncased",
    ]);
  });

  it("an architecture that is not installed", async () => {
    const folder = temporaryFolder();
    copyFileSync(fixture("bert-tiny/model.safetensors"), join(folder, "model.safetensors"));
    writeFileSync(join(folder, "config.json"), '{"model_type":"okapi"}');
    const out = join(folder, "out");
    await expectRefusal(grow(folder, out), out, ["okapi"]);
    const { stderr } = await ligo(grow(folder, out));
    expect(stderr).toContain("bert (@ligo/bert)");
    expect(stderr).toContain("--architecture");
    // nobody is told to install a name that a file made up
    expect(stderr).not.toMatch(/npm install|@ligo\/okapi/u);
  });

  it("a class the architecture does not know", async () => {
    const { checkpoint, out } = damaged(() => undefined);
    const config = join(checkpoint, "config.json");
    writeFileSync(config, '{"model_type":"bert","architectures":["BertForTelepathy"]}');
    await expectRefusal(grow(checkpoint, out), out, [
      config,
      "BertForTelepathy",
      "BertForMaskedLM",
    ]);
  });
});

describe("a target is refused:", () => {
  const source = fixture("bert-tiny");

  it.each<[string, string, readonly string[]]>([
    ["fewer layers", '{"num_hidden_layers":1}', ["num_hidden_layers", "2", "1"]],
    ["narrower", '{"hidden_size":16,"num_attention_heads":2}', ["32", "16"]],
    ["heads that do not divide", '{"hidden_size":50}', ["hidden_size 50", "num_attention_heads 4"]],
    ["fewer tokens", '{"vocab_size":60}', ["vocab_size", "120", "60"]],
    ["fewer positions", '{"max_position_embeddings":20}', ["max_position_embeddings", "40", "20"]],
    ["a wrong type", '{"hidden_size":"wide"}', ["hidden_size"]],
    ["another architecture", '{"model_type":"gpt2"}', ["bert", "gpt2"]],
    ["no JSON", "{hidden_size: 64}", ["--to", "JSON"]],
    ["no such file", "/nowhere/large.json", ["/nowhere/large.json"]],
  ])("%s", async (_what, to, words) => {
    const out = join(temporaryFolder(), "out");
    await expectRefusal(grow(source, out, to), out, words);
    await expectRefusal(["plan", source, "--to", to], out, words);
  });

  it("and the file is named where it is one", async () => {
    const folder = temporaryFolder();
    const [to, out] = [join(folder, "large.json"), join(folder, "out")];
    for (const text of ['{"num_hidden_layers":1}', '{"hidden_size":50}', "[1]", "nothing"]) {
      writeFileSync(to, text);
      await expectRefusal(grow(source, out, to), out, [to]);
    }
  });
});

describe("text is refused:", () => {
  async function prepare(): Promise<{ folder: string; checkpoint: string; out: string }> {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"));
    return { folder, checkpoint, out: join(folder, "out") };
  }
  const learn = (checkpoint: string, out: string, data: string): readonly string[] => [
    "grow",
    checkpoint,
    "--to",
    TINY_TARGET,
    "--data",
    data,
    "--out",
    out,
    "--steps",
    "2",
  ];

  it.each<[string, string | Uint8Array, readonly string[]]>([
    ["empty", "", []],
    ["white space", " \n\n\t ", []],
    ["too small", "the cat", ["tokens"]],
    ["one block", "the cat sees the dog . the cat sees the dog . the cat", ["tokens"]],
    [
      "no UTF-8",
      Uint8Array.from([0x74, 0x68, 0x65, 0x20, 0xe9, 0x20]),
      ["UTF-8", "offset 4", "0xe9"],
    ],
  ])("%s", async (_what, contents, words) => {
    const { folder, checkpoint, out } = await prepare();
    const data = join(folder, "corpus.txt");
    writeFileSync(data, contents);
    await expectRefusal(learn(checkpoint, out, data), out, words);
    await expectRefusal(["train", checkpoint, "--data", data, "--out", out], out, words);
    await expectRefusal(["eval", checkpoint, "--data", data], out, words);
  });

  it("not there", async () => {
    const { checkpoint, out } = await prepare();
    await expectRefusal(learn(checkpoint, out, "/nowhere/*.txt"), out, ["/nowhere/*.txt"]);
  });

  it("a tokenizer with more tokens than the model, and none at all", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"), { vocab_size: 20 });
    const out = join(folder, "out");
    const tokenizer = join(checkpoint, "tokenizer.json");
    await expectRefusal(learn(checkpoint, out, text), out, [tokenizer, "vocabulary of 20"]);
    await expectRefusal([...learn(checkpoint, out, text), "--tokenizer", folder], out, [
      join(folder, "tokenizer.json"),
    ]);
  });

  it("none, where the method learns", async () => {
    const { checkpoint, out } = await prepare();
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--method", "ligo", "--out", out];
    await expectRefusal(argv, out, ["--data", "--operator", "--method stack"]);
  });

  it("where the class has no head to learn with", async () => {
    const { folder, checkpoint, out } = await prepare();
    const to = JSON.stringify({
      ...JSON.parse(TINY_TARGET),
      architectures: ["BertModel"],
    } as object);
    writeFileSync(join(folder, "corpus.txt"), "the cat sees the dog .\n".repeat(50));
    const argv = ["grow", checkpoint, "--to", to, "--data", join(folder, "corpus.txt")];
    await expectRefusal([...argv, "--out", out], out, ["BertModel"]);
  });
});

describe("an output is refused:", () => {
  it("a folder with something in it, which stays", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mine.txt"), "keep");
    const { code, stderr } = await ligo(grow(fixture("bert-tiny"), folder));
    expect(code).toBe(2);
    expect(stderr).toContain(folder);
    expect(readFileSync(join(folder, "mine.txt"), "utf8")).toBe("keep");
  });

  // The superuser may write anywhere, so permissions would not stop a test that runs as one.
  it.each(["/dev/null/out", "/proc/out"])("%s, which cannot be written", async (out) => {
    await expectRefusal(grow(fixture("bert-tiny"), out), out, [out]);
  });

  it("a file", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "keep");
    const { code, stderr } = await ligo(grow(fixture("bert-tiny"), file));
    expect(code).toBe(2);
    expect(stderr).toContain(file);
    expect(readFileSync(file, "utf8")).toBe("keep");
  });
});

describe("an operator is refused:", () => {
  const small = fixture("ligo-reference/small");
  const large = fixture("ligo-reference/large-config.json");
  const argv = (operator: string, out: string, to: string = large): readonly string[] => [
    "grow",
    small,
    "--to",
    to,
    "--operator",
    operator,
    "--out",
    out,
  ];

  it("made for another pair of models", async () => {
    const out = join(temporaryFolder(), "out");
    const operator = fixture("ligo-reference/operator.safetensors");
    const deeper =
      '{"num_hidden_layers":6,"hidden_size":24,"num_attention_heads":3,"intermediate_size":48}';
    await expectRefusal(argv(operator, out, deeper), out, [operator]);
  });

  it("no operator, damaged, missing", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    const noOperator = fixture("ligo-reference/grown.safetensors");
    await expectRefusal(argv(noOperator, out), out, [noOperator, "ligo.operator"]);
    const missing = join(folder, "operator.safetensors");
    await expectRefusal(argv(missing, out), out, [missing]);
    copyFileSync(fixture("ligo-reference/operator.safetensors"), missing);
    truncateSync(missing, 5000);
    await expectRefusal(argv(missing, out), out, [missing]);
  });
});

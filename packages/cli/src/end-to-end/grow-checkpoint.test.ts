import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openCheckpoint, openSafetensors } from "@ligo/checkpoint";
import { hasNativeTensorFlow } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import { fixture, ligo, ligoJson, namesIn, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { GrowResult } from "../__fixtures__/json-results.js";

/** All tensors of a safetensors file. */
async function tensorsOf(path: string): Promise<Map<string, Float32Array>> {
  const file = await openSafetensors(path);
  try {
    const all = new Map<string, Float32Array>();
    for (const name of file.tensors.keys()) all.set(name, await file.read(name));
    return all;
  } finally {
    await file.close();
  }
}

interface LigoRecord {
  readonly tensors: Readonly<Record<string, object>>;
  readonly settings: object;
  readonly source: { readonly sha256: Readonly<Record<string, string>> };
  readonly losses: object;
}
const recordOf = (folder: string): LigoRecord =>
  JSON.parse(readFileSync(join(folder, "ligo.json"), "utf8")) as LigoRecord;

const configOf = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>;

describe("ligo grow --operator", () => {
  const small = fixture("ligo-reference/small");
  const large = fixture("ligo-reference/large-config.json");
  const operator = fixture("ligo-reference/operator.safetensors");

  it.each(["onnx", "reference"])(
    "reproduces the published code, multiplying by %s",
    async (engine) => {
      const out = join(temporaryFolder(), "grown");
      const argv = ["grow", small, "--to", large, "--operator", operator, "--out", out];
      const { code, stdout, stderr } = await ligo([...argv, "--engine", engine]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`ligo train ${out} --data <files> --out ${out}-trained\n`);
      expect(stdout).toContain("not kept: its operator is that of a file: ligo verify measures");
      const grown = await tensorsOf(join(out, "model.safetensors"));
      const expected = await tensorsOf(fixture("ligo-reference/grown.safetensors"));
      for (const [name, values] of expected) {
        // Single precision, summed in another order.
        if (grown.has(name)) expect(grown.get(name), name).toBeAllClose(values, { absolute: 1e-6 });
      }
      const untied = [...expected.keys()].filter((name) => !grown.has(name));
      expect(untied).toEqual([]);
      expect(configOf(out)).toEqual(JSON.parse(readFileSync(large, "utf8")));
      expect(await tensorsOf(join(out, "operator.safetensors"))).toEqual(await tensorsOf(operator));
    },
  );

  it("records where every tensor comes from", async () => {
    const out = join(temporaryFolder(), "grown");
    await ligoJson(["grow", small, "--to", large, "--operator", operator, "--out", out]);
    const record = recordOf(out);
    expect(record.tensors["bert.encoder.layer.3.output.dense.weight"]).toEqual({
      sources: [0, 1].map((layer) => `bert.encoder.layer.${layer}.output.dense.weight`),
      maps: [["width.embed"], ["width.mlp.3"]],
      depth: { tensor: "depth.bert.encoder.layer.{i}.output.dense.weight", row: 3 },
    });
    expect(record.settings).toMatchObject({ operator });
    expect(record.settings).not.toHaveProperty("learning_rate");
    const hashes = record.source.sha256;
    expect(Object.keys(hashes)).toEqual(["config.json", "model.safetensors"]);
    expect(Object.values(hashes).every((hash) => /^[\da-f]{64}$/.test(hash))).toBe(true);
  });
});

describe("ligo grow --method stack", () => {
  it("copies layers, keeps what was there, and can be opened and planned on", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "deep");
    const to = '{"num_hidden_layers":5}';
    const argv = ["grow", fixture("bert-tiny"), "--to", to, "--method", "stack", "--out", out];
    const result = await ligoJson<GrowResult & { next: string }>(argv);
    expect(result).toMatchObject({ method: "stack", losses: {}, flops: null });
    const [before, after] = [
      await tensorsOf(fixture("bert-tiny/model.safetensors")),
      await tensorsOf(join(out, "model.safetensors")),
    ];
    for (const [name, values] of after) {
      const source = name.replace(/layer\.(\d+)/, (_, layer) => `layer.${Number(layer) % 2}`);
      expect(values, name).toEqual(before.get(source));
    }
    expect(configOf(out)).toEqual({ ...configOf(fixture("bert-tiny")), num_hidden_layers: 5 });
    const checkpoint = await openCheckpoint(out);
    expect(checkpoint.headers.size).toBe(after.size);
    await checkpoint.close();
    expect((await ligo(["plan", out, "--to", '{"num_hidden_layers":6}'])).code).toBe(0);
  });

  it("takes a safetensors file, an untied target and another dtype", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "untied");
    const to = '{"tie_word_embeddings":false}';
    const argv = ["grow", fixture("bert-tiny/model.safetensors"), "--to", to, "--method", "stack"];
    expect((await ligo([...argv, "--out", out])).stderr).toContain("plan/tied-source");
    await ligoJson([...argv, "--ties", "untie", "--dtype", "bf16", "--out", out]);
    const file = await openSafetensors(join(out, "model.safetensors"));
    expect(new Set([...file.tensors.values()].map(({ dtype }) => dtype))).toEqual(
      new Set(["BF16"]),
    );
    const decoder = await file.read("cls.predictions.decoder.weight");
    expect(decoder).toEqual(await file.read("bert.embeddings.word_embeddings.weight"));
    await file.close();
    expect(configOf(out)).toMatchObject({ dtype: "bfloat16", tie_word_embeddings: false });
  });
});

describe("ligo grow --method ligo", () => {
  it("learns, measures and writes everything, the same each time", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "3"];
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const result = await ligoJson<GrowResult & { next: string }>([
      ...argv,
      "--batch",
      "8",
      "--out",
      one,
    ]);
    const { small = 0, start = 0, grown = 0 } = result.losses;
    for (const loss of [small, start, grown]) expect(loss).toBeGreaterThan(0);
    expect(grown).not.toBe(start);
    expect(result.flops).toBeGreaterThan(0);
    expect(Object.keys(result.seconds)).toEqual(
      expect.arrayContaining(["read", "compile", "learn", "apply", "write", "evaluate"]),
    );
    expect(result.next).toBe(`ligo train ${one} --data ${text} --out ${one}-trained --batch 8`);
    expect(namesIn(one)).toEqual([
      "README.md",
      "config.json",
      "events.out.tfevents.ligo",
      "ligo.json",
      "metrics.jsonl",
      "model.safetensors",
      "operator.safetensors",
      "recipe.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(recordOf(one).losses).toEqual(result.losses);

    // `ligo eval` on the same held-out text agrees with what growing measured.
    const evaluation = ["eval", one, "--data", text, "--batch", "8"];
    const found = await ligoJson<{ loss: number; blocks: number }>(evaluation);
    expect(found.loss).toBeCloseTo(grown, 5);

    // Without losses the weights are grown while they are written: the same numbers by another way.
    expect((await ligo([...argv, "--batch", "8", "--no-eval", "--out", two])).code).toBe(0);
    for (const name of ["model.safetensors", "operator.safetensors", "config.json"]) {
      expect(readFileSync(join(two, name)).equals(readFileSync(join(one, name))), name).toBe(true);
    }
  });

  it("adds a perturbation to new units, of the target's deviation unless told otherwise", async () => {
    const folder = temporaryFolder();
    const { checkpoint } = await tinyModel(join(folder, "small"), { initializer_range: 0.05 });
    const argv = ["grow", checkpoint, "--to", TINY_TARGET];
    const grow = async (name: string, ...more: readonly string[]) => {
      const out = join(folder, name);
      await ligoJson([...argv, ...more, "--out", out]);
      return tensorsOf(join(out, "model.safetensors"));
    };
    const perturbed = await grow("perturbed", "--steps", "0");
    expect(recordOf(join(folder, "perturbed"))).toMatchObject({
      settings: { perturbation: null },
      operator: { perturbation: { deviation: 0.05 } },
    });
    const plain = await grow("plain", "--steps", "0", "--perturbation", "0");
    expect(recordOf(join(folder, "plain"))).toMatchObject({ settings: { perturbation: 0 } });
    const name = "bert.encoder.layer.1.intermediate.dense.weight";
    const [with_, without] = [perturbed.get(name)!, plain.get(name)!];
    // [48, 24], of which the source has [32, 16]
    const isOld = (index: number): boolean => index < 32 * 24 && index % 24 < 16;
    expect([...with_.keys()].filter((index) => with_[index] === without[index])).toEqual(
      [...with_.keys()].filter(isOld),
    );
    const file = join(folder, "perturbed", "operator.safetensors");
    expect(await grow("again", "--operator", file)).toEqual(perturbed);
  });

  it("reports its steps in plain lines, or as a bar on a terminal", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "4"];
    const small = [...argv, "--batch", "2", "--no-eval", "--out"];
    const plain = await ligo([...small, join(folder, "plain")]);
    expect(plain.stderr.match(/^learn \d\/4, loss \d+\.\d{4}/gm)).toHaveLength(4);
    const bar = await ligo([...small, join(folder, "bar")], { interactive: true });
    expect(bar.stderr).toContain("\r");
    expect(bar.stderr).toMatch(/█{24} learn 4\/4, loss/);
    const quiet = await ligo([...small, join(folder, "quiet"), "--quiet"]);
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["--form", "source-layer"],
    ["--form", "model"],
    ["--init-width", "function-preserving"],
  ])("learns with %s %s", async (...choice) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "2"];
    const result = await ligoJson<GrowResult>([...argv, "--batch", "4", "--out", out, ...choice]);
    expect(result.losses.grown).toBeGreaterThan(0);
    // An operator that was written can be applied again.
    const again = join(folder, "again");
    const operator = join(out, "operator.safetensors");
    const apply = ["grow", checkpoint, "--to", TINY_TARGET, "--operator", operator, "--out", again];
    await ligoJson(apply);
    expect(await tensorsOf(join(again, "model.safetensors"))).toEqual(
      await tensorsOf(join(out, "model.safetensors")),
    );
  });

  it("stops where learning diverges, and keeps nothing", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--out", out];
    const { code, stderr } = await ligo([...argv, "--batch", "2", "--lr", "1e30", "--warmup", "0"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/diverged.*--lr/);
    expect(existsSync(out)).toBe(false);
  });
});

const installed = hasNativeTensorFlow();
const reason = installed ? "" : " (skipped: @tensorflow/tfjs-node is not installed)";

describe.skipIf(!installed)(`ligo grow on the tensorflow engine${reason}`, () => {
  it("learns and measures what onnx does", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "3"];
    const [onnx, tensorflow] = [join(folder, "onnx"), join(folder, "tensorflow")];
    const grow = (engine: string, out: string): Promise<GrowResult> =>
      ligoJson<GrowResult>([...argv, "--batch", "8", "--engine", engine, "--out", out]);
    const expected = (await grow("onnx", onnx)).losses;
    const actual = (await grow("tensorflow:cpu", tensorflow)).losses;
    // float32 sums in another order, three steps long
    const numbers = ({ small, start, grown }: GrowResult["losses"]): number[] =>
      [small, start, grown].map(Number);
    expect(numbers(actual)).toBeAllClose(numbers(expected), { relative: 1e-5 });
    // learning moves the loss by more than that
    expect(Math.abs(Number(expected.grown) / Number(expected.start) - 1)).toBeGreaterThan(1e-4);
    const weights = await tensorsOf(join(tensorflow, "model.safetensors"));
    for (const [name, values] of await tensorsOf(join(onnx, "model.safetensors")))
      expect(weights.get(name), name).toBeAllClose(values, { absolute: 1e-4 });
  });
});

describe("files beside the weights", () => {
  it("are copied, and no others", async () => {
    const folder = temporaryFolder();
    const checkpoint = join(folder, "small");
    mkdirSync(checkpoint);
    for (const name of ["config.json", "model.safetensors"]) {
      copyFileSync(fixture(`bert-tiny/${name}`), join(checkpoint, name));
    }
    for (const name of ["vocab.txt", "special_tokens_map.json", "README.md", "optimizer.pt"]) {
      writeFileSync(join(checkpoint, name), name);
    }
    const out = join(folder, "out");
    await ligoJson(["grow", checkpoint, "--to", "{}", "--method", "stack", "--out", out]);
    expect(readdirSync(out).toSorted()).toEqual([
      "README.md",
      "config.json",
      "ligo.json",
      "model.safetensors",
      "operator.safetensors",
      "recipe.json",
      "special_tokens_map.json",
      "vocab.txt",
    ]);
  });
});

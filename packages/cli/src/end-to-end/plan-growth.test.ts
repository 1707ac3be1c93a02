import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { checkConfig } from "@ligo/core";
import { expandLayout } from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import { putTogether } from "@ligo/vitest/raw-safetensors";
import { fixture, ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import type { PlanReport } from "../__fixtures__/json-results.js";

/** BERT-Base as published, in full; the numbers are a hole in the file. */
function bertBase(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const raw = { model_type: "bert", architectures: ["BertForMaskedLM"] };
  const layout = bert.layout(checkConfig(bert, raw), "BertForMaskedLM");
  let end = 0;
  const header: Parameters<typeof putTogether>[1] = {};
  for (const { name, shape, parameter } of expandLayout(layout)) {
    if (parameter.tiedTo !== undefined) continue;
    const begin = end;
    end += 4 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: "F32", shape: [...shape], data_offsets: [begin, end] };
  }
  const file = join(folder, "model.safetensors");
  putTogether(file, header, new Uint8Array(0));
  truncateSync(file, 8 + Buffer.byteLength(JSON.stringify(header)) + end);
  writeFileSync(join(folder, "config.json"), JSON.stringify(raw));
  return folder;
}

const BERT_LARGE = JSON.stringify({
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
});

describe("ligo plan", () => {
  it("plans BERT-Base to BERT-Large from the header alone", async () => {
    const checkpoint = bertBase(join(temporaryFolder(), "base"));
    const report = await ligoJson<PlanReport>(["plan", checkpoint, "--to", BERT_LARGE]);
    // What transformers counts for the two published models with a masked-LM head.
    expect(report.source.parameters).toBe(109_514_298);
    expect(report.target.parameters).toBe(335_174_458);
    expect([report.source.layers, report.target.layers]).toEqual([
      { encoder: 12 },
      { encoder: 24 },
    ]);
    expect(report.spaces).toContainEqual({ name: "mlp", from: 3072, to: 4096 });
    // The decoder's bias is written with the table's, so 4 bytes per parameter.
    expect(report.disk.weights).toBe(4 * 335_174_458);
    // [I; C] per space: embed once, query, key and value in 24 layers, mlp in 24; 16 depth matrices of 24 x 12.
    const learned = 256 * 768 * (1 + 3 * 24) + 24 * 1024 * 3072 + 16 * 24 * 12;
    expect(report.operator).toEqual({ form: "target-layer", learnable_values: learned });
    expect(report.step).toEqual({ batch: 32, sequence: 128 });
    const { learning } = report;
    const products = learning.products.reduce((sum, { flops }) => sum + flops, 0);
    expect(learning.flops).toBe(learning.attention_flops + products);
    expect(learning.flops).toBeLessThan(learning.naive_flops);
    expect(report.tensors.find(({ name }) => name.endsWith("query.weight"))).toEqual({
      name: "bert.encoder.layer.{i}.attention.self.query.weight",
      layers: 24,
      shape: [1024, 1024],
      source: "bert.encoder.layer.{i}.attention.self.query.weight",
      source_layers: 12,
      source_shape: [768, 768],
      maps: ["width.query.{i}", "width.embed"],
      depth: "depth.bert.encoder.layer.{i}.attention.self.query.weight",
    });
  });

  it.each([[[]], [["--details"]]])("tells a human the same on stdout: %j", async (more) => {
    const argv = ["plan", fixture("ligo-reference/small"), "--to"];
    const { code, stdout, stderr } = await ligo([
      ...argv,
      fixture("ligo-reference/large-config.json"),
      ...more,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^layers +2 +5$/m);
    expect(stdout).toMatch(/^width +16 +24$/m);
    expect(stdout).toMatch(/^width of attention +16 +24$/m);
    expect(stdout).toMatch(/^parameters +8,554 +30,666 \(x 3\.58\)$/m);
    expect(stdout).toMatch(/for 100 steps of learning how$/m);
    expect(stdout.includes(": --details\n")).toBe(more.length === 0);
    if (more.length === 0) {
      // layouts and orders of products are for who asks
      expect(stdout).not.toMatch(/bert\.|first|naive|space /);
      expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThan(100);
      return;
    }
    expect(stdout).toMatch(/^bert\.\S+key\.weight +\D+ +\d\S* \/ \d\S*$/m);
    expect(stdout).toMatch(/^in all +\d\S* \/ \d\S* \(\d+ % saved\)$/m);
    expect(stdout).toMatch(
      /query\.weight +5 x \[24, 24\] +2 x \[16, 16\] +width\.query\.\{i\}, width\.embed, depth$/m,
    );
  });

  it("lays keys over the source's config, and names what is dropped", async () => {
    const to = '{"architectures":["BertModel"],"num_hidden_layers":2}';
    const argv = ["plan", fixture("bert-tiny"), "--to", to];
    // A bare BertModel has a pooler, which a masked-LM checkpoint lacks.
    const { code, stderr } = await ligo(argv);
    expect(code).toBe(2);
    expect(stderr).toContain("bert.pooler.dense.weight");
  });

  it("caps the sequence at the positions the model has", async () => {
    const argv = ["plan", fixture("bert-tiny"), "--to", "{}", "--seq", "512"];
    const report = await ligoJson<PlanReport>(argv);
    expect(report.step.sequence).toBe(40);
  });
});

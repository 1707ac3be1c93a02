import { checkConfig, type Layout } from "@ligo/core";
import { resolveTensors, writtenTensors, type TensorHeader } from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { readFixture, readFixtureConfig } from "./__fixtures__/read-fixture.js";
import { bert } from "./index.js";

/** Newest version recorded: what we write must be what it writes. */
const NEWEST = "5.18.0";

type Header = ReadonlyMap<string, TensorHeader>;

const layoutOf = (className: string, tied = true, layers = 1): Layout =>
  bert.layout(
    checkConfig(bert, {
      model_type: "bert",
      ...headers.sizes,
      tie_word_embeddings: tied,
      num_hidden_layers: layers,
    }),
    className,
  );

const stored = headers.headers.map(
  (tensors): Header => new Map(Object.entries(tensors).map(([name, shape]) => [name, { shape }])),
);
const headerOf = (className: string, tied = true, version = NEWEST): Header => {
  const found = headers.cases.find(
    (one) => one.class === className && one.tied === tied && one.version === version,
  );
  return stored[found?.header as number] as Header;
};

const rename = (header: Header, name: (stored: string) => string): Header =>
  new Map([...header].map(([key, value]) => [name(key), value]));
const without = (header: Header, ...names: string[]): Header =>
  new Map([...header].filter(([name]) => !names.includes(name)));
const withTensors = (header: Header, extra: Readonly<Record<string, readonly number[]>>): Header =>
  new Map([...header, ...Object.entries(extra).map(([name, shape]) => [name, { shape }] as const)]);

const { vocab_size: V, hidden_size: H, max_position_embeddings: P } = headers.sizes;

const cases = headers.cases.map(
  (one) => [one.version, one.class, one.tied ? "tied" : "untied", one] as const,
);

describe("files written by transformers", () => {
  it("are of two versions and all classes", () => {
    expect(new Set(headers.cases.map(({ version }) => version))).toEqual(
      new Set(["4.57.6", NEWEST]),
    );
    expect(new Set(headers.cases.map((one) => one.class))).toEqual(new Set(bert.architectures));
  });

  it.each(cases)("%s: %s, %s: are read completely", (version, className, _ties, { tied }) => {
    const header = headerOf(className, tied, version);
    const { tensors, dropped } = resolveTensors(layoutOf(className, tied), header);
    const unread = new Set(header.keys());
    for (const name of [...tensors.values(), ...dropped]) unread.delete(name);
    expect([...unread]).toEqual([]);
    // the copy of an untied head's bias
    const hasCopy = header.has("cls.predictions.decoder.bias");
    expect(dropped).toEqual(hasCopy ? ["cls.predictions.bias"] : []);
  });

  it.each(cases.filter(([version]) => version === NEWEST))(
    "%s: %s, %s: are what we write",
    (_version, className, _ties, { tied }) => {
      const written = writtenTensors(layoutOf(className, tied));
      expect(new Map(written.map(({ name, shape }) => [name, { shape }]))).toEqual(
        headerOf(className, tied),
      );
    },
  );

  it.each(["bert-tiny", "bert-tiny-untied"])("%s with two layers is what we write", (fixture) => {
    const { layout } = readFixtureConfig(`${fixture}/config.json`);
    const file = readFixture(`${fixture}/model.safetensors`);
    const written = writtenTensors(layout).map(({ name, shape }) => [name, shape]);
    expect(new Map(written as [string, number[]][])).toEqual(
      new Map(Object.entries(file).map(([name, { shape }]) => [name, shape])),
    );
  });
});

describe("variants in older files", () => {
  it("reads gamma and beta", () => {
    const old = rename(headerOf("BertForMaskedLM"), (name) =>
      name
        .replace(/LayerNorm\.weight$/u, "LayerNorm.gamma")
        .replace(/LayerNorm\.bias$/u, "LayerNorm.beta"),
    );
    const { tensors, dropped } = resolveTensors(layoutOf("BertForMaskedLM"), old);
    expect(tensors.get("bert.encoder.layer.0.output.LayerNorm.weight")).toBe(
      "bert.encoder.layer.0.output.LayerNorm.gamma",
    );
    expect(tensors.get("cls.predictions.transform.LayerNorm.bias")).toBe(
      "cls.predictions.transform.LayerNorm.beta",
    );
    expect(dropped).toEqual([]);
  });

  it("drops saved position ids, with the prefix and without", () => {
    for (const [className, name] of [
      ["BertForMaskedLM", "bert.embeddings.position_ids"],
      ["BertModel", "embeddings.position_ids"],
    ] as const) {
      const old = withTensors(headerOf(className), { [name]: [1, P] });
      expect(resolveTensors(layoutOf(className), old).dropped).toEqual([name]);
    }
  });

  it("drops pooler and next-sentence head of a masked-LM file, and says so", () => {
    const released = headerOf("BertForPreTraining");
    const { tensors, dropped } = resolveTensors(layoutOf("BertForMaskedLM"), released);
    expect(tensors.size).toBe(headerOf("BertForMaskedLM").size);
    expect([...dropped].toSorted()).toEqual([
      "bert.pooler.dense.bias",
      "bert.pooler.dense.weight",
      "cls.seq_relationship.bias",
      "cls.seq_relationship.weight",
    ]);
  });

  it("drops the tied decoder where an old file repeats it", () => {
    const old = withTensors(headerOf("BertForMaskedLM"), {
      "cls.predictions.decoder.weight": [V, H],
      "cls.predictions.decoder.bias": [V],
    });
    const { tensors, dropped } = resolveTensors(layoutOf("BertForMaskedLM"), old);
    expect(dropped).toEqual(["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"]);
    expect(tensors.get("cls.predictions.bias")).toBe("cls.predictions.bias");
  });

  it("takes a tied table from the decoder where only that was saved", () => {
    const table = "bert.embeddings.word_embeddings.weight";
    const old = withTensors(without(headerOf("BertForMaskedLM"), table), {
      "cls.predictions.decoder.weight": [V, H],
    });
    const { tensors } = resolveTensors(layoutOf("BertForMaskedLM"), old);
    expect(tensors.get(table)).toBe("cls.predictions.decoder.weight");
  });

  it("takes an untied head's bias from wherever it was saved", () => {
    const layout = layoutOf("BertForMaskedLM", false);
    const [both, bias] = [headerOf("BertForMaskedLM", false), "cls.predictions.decoder.bias"];
    const version4 = headerOf("BertForMaskedLM", false, "4.57.6");
    expect(resolveTensors(layout, both).tensors.get(bias)).toBe(bias);
    expect(resolveTensors(layout, version4).tensors.get(bias)).toBe("cls.predictions.bias");
    const neither = without(version4, "cls.predictions.bias");
    expect(() => resolveTensors(layout, neither)).toThrow(
      expect.objectContaining({ code: "layout/missing-tensor", tensor: bias }),
    );
  });
});

describe("the prefix `bert.`", () => {
  it("is written for classes with a head and not for BertModel", () => {
    const names = (className: string): string[] =>
      writtenTensors(layoutOf(className)).map(({ name }) => name);
    expect(names("BertModel").some((name) => name.startsWith("bert."))).toBe(false);
    expect(names("BertModel")).toContain("pooler.dense.bias");
    expect(names("BertForMaskedLM")).toContain("bert.embeddings.LayerNorm.bias");
  });

  it("may be there or not when BertModel is read", () => {
    const layout = layoutOf("BertModel");
    const bare = headerOf("BertModel");
    const prefixed = rename(bare, (name) => `bert.${name}`);
    const canonical = [...prefixed.keys()].toSorted();
    expect([...resolveTensors(layout, bare).tensors.keys()].toSorted()).toEqual(canonical);
    expect([...resolveTensors(layout, prefixed).tensors.keys()].toSorted()).toEqual(canonical);
  });

  it("is put before an encoder's names wherever a head's file lacks it", () => {
    const file = rename(headerOf("BertForMaskedLM"), (name) => name.replace(/^bert\./u, ""));
    const { tensors } = resolveTensors(layoutOf("BertForMaskedLM"), file);
    expect(tensors.get("bert.embeddings.LayerNorm.weight")).toBe("embeddings.LayerNorm.weight");
    expect(tensors.get("cls.predictions.bias")).toBe("cls.predictions.bias");
  });

  it("drops heads when a model with one is read as BertModel", () => {
    const { tensors, dropped } = resolveTensors(
      layoutOf("BertModel"),
      headerOf("BertForPreTraining"),
    );
    expect(tensors.size).toBe(headerOf("BertModel").size);
    expect(dropped).toHaveLength(headerOf("BertForPreTraining").size - tensors.size);
    expect(dropped.every((name) => name.startsWith("cls."))).toBe(true);
  });
});

describe("files that do not belong to their config", () => {
  it("names a tensor nobody reads, and the nearest that is known", () => {
    const odd = rename(headerOf("BertForMaskedLM"), (name) =>
      name.replace("attention.self.query", "attention.self.querry"),
    );
    expect(() => resolveTensors(layoutOf("BertForMaskedLM"), odd)).toThrow(
      expect.objectContaining({
        code: "layout/unexpected-tensor",
        expected: expect.stringContaining("attention.self.query.") as string,
      }),
    );
  });

  it("names what a config with more layers misses", () => {
    const layout = layoutOf("BertForMaskedLM", true, 2);
    expect(() => resolveTensors(layout, headerOf("BertForMaskedLM"))).toThrow(
      expect.objectContaining({
        code: "layout/missing-tensor",
        tensor: expect.stringContaining("bert.encoder.layer.1.") as string,
      }),
    );
  });

  it("names a tensor of another shape", () => {
    const file = withTensors(headerOf("BertForMaskedLM"), { "cls.predictions.bias": [V + 1] });
    expect(() => resolveTensors(layoutOf("BertForMaskedLM"), file)).toThrow(
      expect.objectContaining({
        code: "layout/wrong-shape",
        tensor: "cls.predictions.bias",
        expected: `[${V}]`,
        actual: `[${V + 1}]`,
      }),
    );
  });
});

describe("the layout", () => {
  it("survives JSON", () => {
    for (const className of bert.architectures) {
      const layout = layoutOf(className);
      expect(JSON.parse(JSON.stringify(layout))).toEqual(layout);
    }
  });

  it("gives every class only the spaces it uses", () => {
    const spaces = (className: string, tied: boolean): string[] =>
      Object.keys(layoutOf(className, tied).spaces);
    const common = ["embed", "query", "key", "value", "mlp"];
    const fixed = ["vocab", "position", "type"];
    expect(spaces("BertForMaskedLM", true)).toEqual([...common, ...fixed]);
    expect(spaces("BertForMaskedLM", false)).toEqual([...common, "head", ...fixed]);
    expect(spaces("BertModel", true)).toEqual([...common, "pooler", ...fixed]);
    expect(spaces("BertForPreTraining", true)).toEqual([...common, "pooler", ...fixed, "label"]);
  });

  it("decays matrices only", () => {
    for (const { name, axes, decay, initial } of layoutOf("BertForPreTraining", false).parameters) {
      expect(decay, name).toBe(axes.length === 2);
      expect(initial === "normal", name).toBe(axes.length === 2);
    }
  });
});

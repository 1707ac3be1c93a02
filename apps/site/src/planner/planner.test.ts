import { ARCHITECTURE_PACKAGES } from "@ligo/sdk/models";
import { describe, expect, it } from "vitest";
import { architectures } from "./architectures.js";
import { EXAMPLES } from "./examples.js";
import { parseAmount, parseForm, type PlannerForm } from "./form.js";
import { pictureOf } from "./picture.js";
import { amount, planFor, type Planned, type Wishes } from "./plan.js";
import { configUrl, fetchConfig, isHubId, readConfig } from "./read-config.js";
import { usePlanner } from "./use-planner.js";

const [smol, gpt2, bert, vit] = EXAMPLES as [
  (typeof EXAMPLES)[number],
  (typeof EXAMPLES)[number],
  (typeof EXAMPLES)[number],
  (typeof EXAMPLES)[number],
];
const wishes: Wishes = {
  source: gpt2.config,
  from: gpt2.from,
  to: { kind: "word", word: "2x" },
  batch: 8,
  sequence: 512,
  learningSteps: 100,
  budget: 10e6,
  rate: 100e9,
};

function planned(changes: Partial<Wishes>): Planned {
  const outcome = planFor({ ...wishes, ...changes }, architectures);
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome.planned;
}

describe("a plan on the page", () => {
  it("serves every model type of the packages", () => {
    const served = architectures.flatMap(({ modelTypes }) => modelTypes);
    expect(ARCHITECTURE_PACKAGES.flatMap(({ modelTypes }) => modelTypes).toSorted()).toEqual(
      served.toSorted(),
    );
  });

  it.each(EXAMPLES)("plans the example $name", ({ config, from }) => {
    const { report, seconds } = planned({ source: config, from });
    expect(report.parameters.target / report.parameters.source).toBeCloseTo(2, 0);
    expect(seconds.learn).toBeGreaterThan(0);
    expect(seconds.train).toBeGreaterThan(0);
  });

  it("has the sizes that the guide's table of words has", () => {
    const { report } = planned({ source: smol.config });
    expect(report.parameters.target).toBe(270_590_208);
    expect(report.target.layers).toEqual({ decoder: 37 });
  });

  it("counts time by the rate and the steps of the budget", () => {
    const { report, seconds, steps } = planned({});
    expect(steps).toBe(Math.ceil(10e6 / (8 * 512)));
    expect(seconds.train).toBeCloseTo((steps * report.target.flops.training) / 100e9, 3);
    expect(seconds.learn).toBeCloseTo((100 * report.learning.flops) / 100e9, 3);
    expect(planned({ rate: 200e9 }).seconds.train).toBeCloseTo(seconds.train / 2, 3);
  });

  it("counts images one by one", () => {
    expect(planned({ source: vit.config, budget: 50_000 }).steps).toBe(50_000 / 8);
  });

  it("says what is wrong", () => {
    const error = (changes: Partial<Wishes>): unknown =>
      planFor({ ...wishes, ...changes }, architectures);
    expect(error({ source: { model_type: "t5" } })).toEqual({
      error: expect.stringContaining("t5") as string,
    });
    expect(error({ to: { kind: "keys", keys: { n_layers: 24 } } })).toEqual({
      error: expect.stringContaining("n_layer") as string,
    });
  });
});

describe("the commands", () => {
  it("name the target as flags do", () => {
    expect(planned({}).commands).toEqual([
      "npx ligo plan openai-community/gpt2 --to 2x --batch 8 --seq 512",
      "npx ligo grow openai-community/gpt2 --to 2x --data texts/ --budget 10M --batch 8 --seq 512 --out grown",
    ]);
    expect(planned({ to: { kind: "parameters", parameters: 300e6 } }).commands[0]).toContain(
      "--parameters 300M",
    );
    expect(planned({ to: { kind: "keys", keys: { n_layer: 24 } } }).commands[0]).toContain(
      `--to '{"n_layer":24}'`,
    );
    const whole = { ...gpt2.config, n_layer: 24 };
    expect(planned({ to: { kind: "keys", keys: whole } }).commands[0]).toContain("--to large.json");
  });

  it("quote for a shell, and take images where a model does", () => {
    expect(planned({ from: "it's here" }).commands[0]).toContain(String.raw`'it'\''s here'`);
    expect(planned({ source: vit.config }).commands[1]).toContain(
      "--data images/ --budget 10M --batch 8 --out",
    );
  });

  it.each([
    [300e6, "300M"],
    [1.5e9, "1.5B"],
    [999, "999"],
    [12_345, "12.35K"],
  ])("spell %d", (value, text) => {
    expect(amount(value)).toBe(text);
  });
});

describe("the picture", () => {
  it("shows both models at one scale, the old part in the new", () => {
    const { report } = planned({ source: bert.config, to: { kind: "word", word: "2x-wide" } });
    const { source, target, width } = pictureOf(report);
    expect([source.width, target.width]).toEqual([768, 1536]);
    expect(target.slabs).toHaveLength(12);
    const [first] = target.slabs;
    expect((first?.width ?? 0) / (source.slabs[0]?.width ?? 1)).toBeCloseTo(2);
    expect(Math.max(...target.slabs.map((slab) => slab.x + slab.width))).toBeCloseTo(width);
    expect(target.old[0]?.width).toBeCloseTo(source.slabs[0]?.width ?? 0);
  });

  it("leaves new layers without an old part, and draws deep models by their share", () => {
    const deep = planned({
      source: bert.config,
      to: { kind: "keys", keys: { num_hidden_layers: 96 } },
    });
    const { source, target } = pictureOf(deep.report);
    expect([source.slabs.length, target.slabs.length, target.layers]).toEqual([6, 48, 96]);
    expect(target.old.filter((block) => block === undefined)).toHaveLength(42);
  });
});

describe("fields", () => {
  const { form } = usePlanner();
  const parsed = (changes: Partial<PlannerForm>): unknown => parseForm({ ...form, ...changes });

  it("are those of a plan at first", () => {
    expect(parsed({})).toMatchObject({ wishes: { batch: 8, budget: 10e6, rate: 100e9 } });
    expect(parsed({ from: " " })).toMatchObject({ wishes: { from: "small" } });
  });

  it.each([
    [{ source: "{" }, "Source: This is not JSON"],
    [{ source: "[]" }, "Source: This is JSON, but"],
    [{ batch: "0" }, "Batch: a number above 0"],
    [{ rate: "fast" }, "Rate: a number above 0"],
    [{ kind: "parameters", parameters: "many" }, "Target: a number of parameters"],
    [{ kind: "keys", keys: "n_layer" }, "Target: This is not JSON"],
  ] as const)("say what is wrong: %o", (changes, error) => {
    expect(parsed(changes)).toEqual({ error: expect.stringContaining(error) as string });
  });

  it.each([
    ["300M", 300e6],
    ["1.5b", 1.5e9],
    [" 12 ", 12],
    ["", Number.NaN],
    ["-1", Number.NaN],
  ])("read %o as %d", (text, value) => {
    expect(parseAmount(text)).toBe(value);
  });
});

describe("a config", () => {
  it("is read with the numbers that Python writes", () => {
    expect(readConfig('{"a": 1e-5}')).toMatchObject({ config: { a: 1e-5 } });
    expect(readConfig('{"a": 1, "a": 2}').error).toContain("not JSON");
  });

  it("is fetched from the hub by its id", async () => {
    expect([
      isHubId("org/name"),
      isHubId("org/name@v1.0"),
      isHubId("./small"),
      isHubId("a/b/c"),
    ]).toEqual([true, true, false, false]);
    expect(configUrl("org/name@v1")).toBe("https://huggingface.co/org/name/resolve/v1/config.json");
    const asked: string[] = [];
    const get = (status: number, text: string) => (url: unknown) => {
      asked.push(String(url));
      return Promise.resolve(new Response(text, { status }));
    };
    expect(await fetchConfig("org/name", get(200, '{"model_type": "bert"}'))).toEqual({
      config: { model_type: "bert" },
    });
    expect((await fetchConfig("org/name", get(404, ""))).error).toContain(
      "No config there (HTTP 404)",
    );
    expect((await fetchConfig("org/name", get(401, ""))).error).toContain("gated");
    const offline = (): Promise<Response> => Promise.reject(new TypeError("offline"));
    expect((await fetchConfig("org/name", offline)).error).toContain("offline");
    expect(asked[0]).toBe("https://huggingface.co/org/name/resolve/main/config.json");
  });
});

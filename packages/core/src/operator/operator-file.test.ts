import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnProbe } from "../__fixtures__/drawn-probe.js";
import { drawnSources } from "../__fixtures__/drawn-sources.js";
import { readReference } from "../__fixtures__/reference.js";
import { reader } from "../__fixtures__/tiny-layout.js";
import { createPlan } from "../plan/create-plan.js";
import { OperatorError } from "../errors/operator-error.js";
import { gradmax } from "../methods/gradmax.js";
import { ligoOperator } from "../methods/ligo.js";
import { ownOptions } from "../methods/check-options.js";
import { makeOperator } from "../methods/make-operator.js";
import { methodNamed, methods } from "../methods/methods.js";
import { losslessFreshOperator } from "../methods/lossless-fresh.js";
import { stackOperator } from "../methods/stack.js";
import { decodeOperator, encodeOperator, type StoredTensor } from "./operator-file.js";
import type { Operator } from "./operator.js";
import { createRandom } from "../random.js";

const smallSizes = { layers: 2, hidden: 16, heads: 2, intermediate: 32 };
const largeSizes = { layers: 5, hidden: 24, heads: 3, intermediate: 48 };
const plan = createPlan(bertLayout(smallSizes), bertLayout(largeSizes));

function stored(operator: Operator): Map<string, StoredTensor> {
  return new Map(
    [...encodeOperator(operator).tensors].map(([name, { rows, columns, data }]) => [
      name,
      { shape: [rows, columns], data },
    ]),
  );
}

function givenUnits(): Promise<Operator> {
  return makeOperator(gradmax, plan, reader(drawnSources(plan)), {
    random: createRandom(1),
    probe: drawnProbe,
  });
}

function failure(
  metadata: Record<string, string>,
  tensors: ReadonlyMap<string, StoredTensor>,
  target = plan,
): OperatorError {
  try {
    decodeOperator(target, metadata, tensors);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("expected an OperatorError");
}

describe("operator files", () => {
  const recorded = readReference("operator");
  const metadata = { ...recorded.metadata };

  it("reads the recorded operator and writes it back the same", () => {
    const operator = decodeOperator(plan, metadata, recorded.tensors);
    expect(operator).toMatchObject({
      architecture: "bert",
      order: "depth-then-width",
      widthScope: "target-layer",
      terms: 1,
    });
    const encoded = encodeOperator(operator);
    expect(encoded.metadata).toEqual(metadata);
    expect([...encoded.tensors.keys()].toSorted()).toEqual([...recorded.tensors.keys()].toSorted());
    for (const [name, { data }] of encoded.tensors) {
      expect(data, name).toEqual(recorded.tensors.get(name)?.data);
    }
  });

  it("round-trips every form, reading maps and terms", () => {
    const start = ligoOperator(plan, createRandom(1), { form: "model" });
    const twoTerms: Operator = {
      ...start,
      terms: 2,
      tensors: new Map(
        [...start.tensors].flatMap(([name, matrix]) => [
          [name, matrix],
          [`term.1.${name}`, matrix],
        ]),
      ),
    };
    for (const operator of [
      stackOperator(plan),
      ligoOperator(plan, createRandom(1), { form: "source-layer" }),
      ligoOperator(plan, createRandom(1), { width: "function-preserving" }),
      twoTerms,
    ]) {
      const encoded = encodeOperator(operator);
      expect(encoded.metadata["terms"]).toBe(operator.terms > 1 ? "2" : undefined);
      const decoded = decodeOperator(plan, encoded.metadata, stored(operator));
      expect({ ...decoded, tensors: new Map(decoded.tensors) }).toEqual({
        ...operator,
        tensors: new Map(operator.tensors),
      });
    }
  });

  it("writes version 1 where that says all, and version 2 where an operator says more", () => {
    const random = createRandom(1);
    for (const method of methods) {
      const { name } = method;
      const operator = method.operator(plan, {
        random,
        measured: new Map(),
        options: ownOptions(method, { perturbation: 0 }),
      });
      const encoded = encodeOperator(operator);
      const isNew = ["lemon", "ligo-lossless", "mango", "aki", "direct-copy", "random"].includes(
        name,
      );
      const isPlaced = ["lossless-fresh", "gradmax", "szp"].includes(name);
      const version = isPlaced ? "3" : isNew ? "2" : "1";
      expect([name, encoded.metadata["format_version"]]).toEqual([name, version]);
      expect(decodeOperator(plan, encoded.metadata, stored(operator)), name).toEqual(operator);
    }
  });

  it("reads of version 1 no more than it had", () => {
    const aki = methodNamed("aki").operator(plan, { random: createRandom(1) });
    const { metadata: second } = encodeOperator(aki);
    expect(failure({ ...second, format_version: "1" }, stored(aki))).toMatchObject({
      code: "operator/unknown-tensor",
    });
    const random = methodNamed("random").operator(plan, { random: createRandom(1) });
    const { tensors } = stackOperator(plan);
    const first = encodeOperator(stackOperator(plan)).metadata;
    const more = encodeOperator(random).metadata;
    const fresh = { fresh_seed: more["fresh_seed"]!, fresh_deviation: "0.02" };
    const old = decodeOperator(plan, { ...first, ...fresh }, stored({ ...random, tensors }));
    expect(old).not.toHaveProperty("fresh");
  });

  it("reads of version 2 no more than it had", () => {
    const fresh = losslessFreshOperator(plan, createRandom(1), { noise: 0.1 });
    const third = encodeOperator({ ...fresh, readPower: 0.5 });
    expect(decodeOperator(plan, third.metadata, stored(fresh))).toHaveProperty("readPower", 0.5);
    const second = { ...third.metadata, format_version: "2" };
    const old = decodeOperator(plan, second, stored(fresh));
    expect(old.fresh).toEqual({ seed: fresh.fresh!.seed, deviation: 1 });
    expect(old.perturbation).toEqual({ seed: fresh.perturbation!.seed, deviation: 0.1 });
    expect(old).not.toHaveProperty("readPower");
  });

  it("writes version 4 where units are given, and reads them back", async () => {
    const operator = await givenUnits();
    const encoded = encodeOperator(operator);
    expect(encoded.metadata["format_version"]).toBe("4");
    expect(decodeOperator(plan, encoded.metadata, stored(operator))).toEqual(operator);
    const third = { ...encoded.metadata, format_version: "3" };
    expect(failure(third, stored(operator)).code).toBe("operator/unknown-tensor");
  });

  it("refuses units that are given where they make no sense", async () => {
    const operator = await givenUnits();
    const { metadata } = encodeOperator(operator);
    const name = "fresh.bert.encoder.layer.0.output.dense.weight";
    const numbers = stored(operator).get(name)!;
    expect(numbers.shape).toEqual([16, 24]);
    const changed = (shape: readonly number[], tensor = name): OperatorError => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return failure(metadata, new Map(stored(operator)).set(tensor, { shape, data }));
    };
    for (const shape of [[17, 24], [0, 24], [16, 16], [16 * 24]])
      expect(changed(shape)).toMatchObject({
        code: "operator/wrong-shape",
        expected: "[1 to 16, 24]",
      });
    expect(changed([16, 24], "fresh.bert.pooler.dense.weight")).toMatchObject({
      code: "operator/unknown-tensor",
    });
    expect(failure({ ...metadata, fresh_rule: "new" }, stored(operator))).toMatchObject({
      code: "operator/metadata",
      expected: "lossless",
    });
    numbers.data[3] = Number.NaN;
    expect(failure(metadata, new Map(stored(operator)).set(name, numbers))).toMatchObject({
      code: "operator/not-finite",
    });
  });

  it("refuses what version 3 adds where it makes no sense", () => {
    const operator = losslessFreshOperator(plan, createRandom(1));
    const { metadata } = encodeOperator(operator);
    for (const [key, value] of [
      ["fresh_rule", "some"],
      ["fresh_rule", undefined],
      ["fresh_relative", "yes"],
      ["fresh_layers", undefined],
      ["fresh_layers", "{"],
      ["fresh_layers", "[0, 1]"],
      ["fresh_layers", '{"encoder":[0]}'],
      ["fresh_layers", metadata["fresh_layers"]!.replace(/\d/u, "9")],
      ["fresh_read_power", "1.5"],
      ["read_power", "-1"],
    ] as const) {
      const given = Object.entries({ ...metadata, [key]: value }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const error = failure(Object.fromEntries(given), stored(operator));
      expect([key, value, error.code]).toEqual([key, value, "operator/metadata"]);
    }
  });

  it("refuses what version 2 adds where it makes no sense", () => {
    const operator = methodNamed("random").operator(plan, { random: createRandom(1) });
    const second = encodeOperator(operator).metadata;
    const changed = (entries: Record<string, string | undefined>): OperatorError => {
      const all = Object.entries({ ...second, ...entries });
      const given = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
      return failure(Object.fromEntries(given), stored(operator));
    };
    for (const entries of [
      { fresh_seed: "-1" },
      { fresh_seed: "1.5" },
      { fresh_seed: "4294967296" },
      { fresh_seed: "0x10" },
      { fresh_seed: undefined },
      { fresh_deviation: "NaN" },
      { fresh_deviation: "1e999" },
      { fresh_deviation: undefined },
      { perturbation_seed: "1" },
      { perturbation_deviation: "0.1" },
      { perturbation_seed: "-1", perturbation_deviation: "0.1" },
      { perturbation_seed: "1", perturbation_deviation: "-0.1" },
      { norm_epsilon_scale: "0" },
      { norm_epsilon_scale: "-0.5" },
    ]) {
      expect(changed(entries), JSON.stringify(entries)).toMatchObject({
        code: "operator/metadata",
      });
    }
  });

  it("refuses metadata of another kind", () => {
    const changed = (key: string, value: string) =>
      failure({ ...metadata, [key]: value }, recorded.tensors);
    expect(failure({}, recorded.tensors)).toMatchObject({
      code: "operator/metadata",
      expected: "ligo.operator",
      actual: "absent",
    });
    expect(changed("format_version", "5")).toMatchObject({
      code: "operator/metadata",
      expected: "1 or 2 or 3 or 4",
      actual: "5",
    });
    expect(changed("architecture", "gpt2")).toMatchObject({
      code: "operator/architecture",
      expected: "bert",
      actual: "gpt2",
    });
    expect(changed("order", "sideways")).toMatchObject({
      code: "operator/metadata",
      expected: "depth-then-width or width-then-depth",
    });
    expect(changed("width_scope", "layer").message).toContain('"width_scope" is "layer"');
    expect(changed("order", "width-then-depth")).toMatchObject({ code: "operator/form" });
    for (const terms of ["0", "1.5", "1e9", "100", ""]) {
      expect(changed("terms", terms)).toMatchObject({ code: "operator/metadata", actual: terms });
    }
  });

  it("refuses tensors it does not know, with the nearest name", () => {
    const extra = new Map(recorded.tensors).set("width.embbed", {
      shape: [24, 16],
      data: new Float32Array(384),
    });
    expect(failure(metadata, extra)).toMatchObject({
      code: "operator/unknown-tensor",
      tensor: "width.embbed",
      expected: "width.embed",
    });
    const layer = new Map(recorded.tensors).set(
      "width.mlp.5",
      recorded.tensors.get("width.mlp.4")!,
    );
    expect(failure(metadata, layer)).toMatchObject({
      code: "operator/unknown-tensor",
      tensor: "width.mlp.5",
    });
  });

  it("explains a head map for a tied target", () => {
    const tied = createPlan(
      bertLayout({ ...smallSizes, tied: true }),
      bertLayout({ ...largeSizes, tied: true }),
    );
    const error = failure(metadata, recorded.tensors, tied);
    expect(error).toMatchObject({ code: "operator/unknown-tensor", tensor: "width.head" });
    expect(error.message).toContain(
      '"cls.predictions.decoder.weight" is tied to "bert.embeddings.word_embeddings.weight"',
    );
  });

  it("refuses missing tensors, also half of a space's reading maps", () => {
    const without = new Map(recorded.tensors);
    without.delete("width.query.3");
    expect(failure(metadata, without)).toMatchObject({
      code: "operator/missing-tensor",
      tensor: "width.query.3",
      expected: "width.query.3 [24, 16]",
    });
    const half = new Map(recorded.tensors).set(
      "read.value.0",
      recorded.tensors.get("width.value.0")!,
    );
    expect(failure(metadata, half)).toMatchObject({
      code: "operator/missing-tensor",
      tensor: "read.value.1",
    });
  });

  it("refuses wrong shapes and numbers that are not finite", () => {
    const turned = new Map(recorded.tensors).set("width.embed", {
      shape: [16, 24],
      data: new Float32Array(384),
    });
    expect(failure(metadata, turned)).toMatchObject({
      code: "operator/wrong-shape",
      tensor: "width.embed",
      expected: "[24, 16]",
      actual: "[16, 24]",
    });
    const short = new Map(recorded.tensors).set("width.embed", {
      shape: [24, 16],
      data: new Float32Array(383),
    });
    expect(failure(metadata, short)).toMatchObject({ code: "operator/wrong-shape" });
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const data = new Float32Array(384);
      data[17] = value;
      const error = failure(
        metadata,
        new Map(recorded.tensors).set("width.embed", { shape: [24, 16], data }),
      );
      expect(error).toMatchObject({
        code: "operator/not-finite",
        tensor: "width.embed",
        actual: String(value),
      });
      expect(error.message).toContain("[1, 1]");
    }
  });
});

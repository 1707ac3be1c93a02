import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { LigoError } from "@ligo/core";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { grow } from "../grow.js";
import { verify } from "../verify.js";
import { readOperatorSync } from "./operator-file.js";

const architectures = [bert];
/** Of a BERT only wider MLPs lose nothing. */
const to = { intermediate_size: 40 };

async function tiny(keys: Readonly<Record<string, unknown>> = {}) {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"), keys);
  const data = { data: text, batch: 4, sequence: 12, cache: false } as const;
  const settings = { to, ...data, engine: "reference", architectures, method: "gradmax" } as const;
  return { folder, checkpoint, settings };
}

const weightsOf = (folder: string): Buffer => readFileSync(join(folder, "model.safetensors"));

it("gradmax keeps the function, and its operator gives the same checkpoint again", async () => {
  const { checkpoint, folder, settings } = await tiny();
  const out = join(folder, "out");
  const grown = await grow(checkpoint, { ...settings, out });
  expect(grown).toMatchObject({ method: "gradmax", keepsFunction: true, reasons: [] });
  const { grown: after = 0, small = 1 } = grown.losses;
  // float32 sums of a larger model
  expect(after / small).toBeCloseTo(1, 5);
  const name = "fresh.bert.encoder.layer.0.output.dense.weight";
  expect(grown.operator.tensors.get(name)).toMatchObject({ rows: 8, columns: 16 });

  const operator = join(out, "operator.safetensors");
  expect(readOperatorSync(grown.plan!, operator).tensors.get(name)).toEqual(
    grown.operator.tensors.get(name),
  );
  const again = join(folder, "again");
  await grow(checkpoint, { to, operator, engine: "reference", architectures, out: again });
  expect(weightsOf(again).equals(weightsOf(out))).toBe(true);
  const { verdict } = await verify(checkpoint, out, { engine: "reference", architectures });
  expect(verdict).toBe("kept");
});

it("gradmax costs one gradient of the source, with more units", async () => {
  const { checkpoint, settings } = await tiny();
  const flopsOf = async (changes: object): Promise<number> =>
    (await grow(checkpoint, { ...settings, engine: "onnx", evaluate: false, ...changes })).flops ??
    0;
  const [one, half] = [await flopsOf({}), await flopsOf({ batch: 2 })];
  expect(one).toBeGreaterThan(0);
  // twice the sequences
  expect(one / half).toBeCloseTo(2, 6);
  // the same sequences, in parts
  expect(await flopsOf({ accumulate: 2 })).toBe(one);
});

it("gradmax is the same for the same seed, whatever is judged", async () => {
  const { checkpoint, settings } = await tiny();
  const [one, other] = [
    await grow(checkpoint, settings),
    await grow(checkpoint, { ...settings, evaluate: false }),
  ];
  expect(other.operator.tensors).toEqual(one.operator.tensors);
  expect(other.losses).toEqual({});
});

const failureOf = async (growth: Promise<unknown>): Promise<LigoError> => {
  const failure = await growth.catch((error: unknown) => error);
  if (LigoError.isInstance(failure)) return failure;
  throw new Error("Nothing failed.");
};

it("gradmax asks for data before anything is read", async () => {
  const { checkpoint, settings } = await tiny();
  const { architectures: known, method } = settings;
  const failure = await failureOf(grow(checkpoint, { to, method, architectures: known }));
  expect(failure.message).toContain("The method gradmax takes gradients on a batch of data");
});

it.each([
  ["relu", "method/no-gradient"],
  ["sigmoid", "method/activation"],
])("gradmax refuses %s", async (activation, code) => {
  const { checkpoint, settings } = await tiny({ hidden_act: activation });
  expect((await failureOf(grow(checkpoint, settings))).code).toBe(code);
});

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { openCheckpoint } from "@ligo/checkpoint";
import { temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { grow, train } from "../index.js";

const architectures = [bert];
const to = { hidden_size: 32, num_attention_heads: 4, num_hidden_layers: 4, intermediate_size: 64 };

const shardsIn = (folder: string): number =>
  readdirSync(folder).filter((name) => /^model-\d+-of-\d+\.safetensors$/u.test(name)).length;

async function weightsIn(folder: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const checkpoint = await openCheckpoint(folder);
  const found = new Map<string, readonly number[]>();
  for (const name of [...checkpoint.headers.keys()].toSorted())
    found.set(name, [...(await checkpoint.read(name))]);
  await checkpoint.close();
  return found;
}

it("grows a checkpoint in shards into more than forty, by a learned operator", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const own = {
    data: text,
    batch: 2,
    sequence: 12,
    cache: false,
    heldOut: 4,
    architectures,
  } as const;
  const small = join(folder, "trained");
  const whole = join(folder, "whole");
  // every tensor is larger, and has a file of its own
  await train(checkpoint, { ...own, steps: 1, maxShardSize: "1B", out: small });
  expect(shardsIn(small)).toBeGreaterThan(20);
  const learned = { to, method: "ligo", steps: 1, ...own } as const;
  await grow(small, { ...learned, out: whole });
  const operator = join(whole, "operator.safetensors");
  const sharded = join(folder, "sharded");
  const applied = await grow(small, { to, operator, maxShardSize: 1, out: sharded, architectures });
  expect(shardsIn(sharded)).toBeGreaterThanOrEqual(40);
  expect(applied.files).toContain("model.safetensors.index.json");
  expect(await weightsIn(sharded)).toEqual(await weightsIn(whole));
});

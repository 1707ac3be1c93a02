import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { tinyModel } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import type { LayersEvent, LigoEvent } from "../events.js";
import { grow } from "../grow.js";
import type { MemoryModel } from "../models/model-source.js";
import { meanCosine } from "./mean-cosine.js";
import { resume } from "../resume.js";
import type { GrowSettings } from "../settings/types.generated.js";

const architectures = [bert];
const settings = {
  engine: "reference",
  method: "stack",
  layersBy: "similarity",
  sequence: 12,
  evaluate: false,
  cache: false,
} as const;

/** A BERT of three layers, the middle one of which writes nothing: behind its norms is what was before them. */
async function withIdleLayer(): Promise<{ model: MemoryModel; text: string; folder: string }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"), { num_hidden_layers: 3 });
  const { companions, config, tensors } = await grow(checkpoint, {
    to: {},
    method: "stack",
    engine: "reference",
    architectures,
  });
  const idle = [...tensors].map(([name, tensor]): [string, typeof tensor] => {
    const writes = /layer\.1\..*output\.dense/u.test(name);
    return [name, writes ? { ...tensor, data: new Float32Array(tensor.data.length) } : tensor];
  });
  return { model: { config, companions, tensors: new Map(idle) }, text, folder };
}

const listOf = (events: readonly LigoEvent[]): LayersEvent | undefined =>
  events.find((event) => event.type === "layers");

describe("layers by similarity", () => {
  it("repeats the layer that changes least, and writes the list it stands for", async () => {
    const { folder, model, text } = await withIdleLayer();
    const events: LigoEvent[] = [];
    const out = join(folder, "grown");
    const given: GrowSettings = { ...settings, data: text, to: { num_hidden_layers: 4 }, out };
    const grown = await grow(model, {
      ...given,
      architectures,
      onEvent: (event) => void events.push(event),
    });
    expect(grown.plan?.layers).toEqual([0, 1, 1, 2]);
    const { layers, similarity } = listOf(events)!;
    expect(layers).toBe("0-2,1-3");
    expect(similarity).toHaveLength(3);
    // norms of what is normed already, but for their epsilon
    expect(similarity[1]).toBeCloseTo(1, 5);
    expect(Math.max(similarity[0]!, similarity[2]!)).toBeLessThan(0.999);
    const read = (name: string): { settings: Record<string, unknown> } =>
      JSON.parse(readFileSync(join(out, name), "utf8")) as never;
    expect(read("ligo.json").settings).toMatchObject({
      layers: "0-2,1-3",
      layers_by: "similarity",
    });
    expect(read("recipe.json").settings).toMatchObject({ layers: "0-2,1-3" });
    // the list by itself grows the same
    const again = await grow(model, {
      layers: "0-2,1-3",
      method: "stack",
      engine: "reference",
      architectures,
    });
    for (const [name, { data }] of again.tensors)
      expect(grown.tensors.get(name)?.data).toEqual(data);
  });

  it("is the same list when a run goes on", async () => {
    const { folder, model, text } = await withIdleLayer();
    const learning = { ...settings, method: "ligo", steps: 3, batch: 4, warmup: 1 } as const;
    const given: GrowSettings = { ...learning, to: { num_hidden_layers: 4 }, data: text };
    const whole = await grow(model, { ...given, architectures });
    const stop = new AbortController();
    const out = join(folder, "stopped");
    const stopped = grow(model, {
      ...given,
      out,
      architectures,
      signal: stop.signal,
      onEvent: (event) =>
        void ((event.type === "step" || event.type === "progress") && stop.abort()),
    });
    await expect(stopped).rejects.toMatchObject({ code: "run/interrupted" });
    const events: LigoEvent[] = [];
    const resumed = await resume(out, {
      from: model,
      architectures,
      onEvent: (event) => void events.push(event),
    });
    // nothing is measured again
    expect(listOf(events)).toBeUndefined();
    expect(events.find(({ type }) => type === "resumed")).toMatchObject({ step: 1 });
    for (const [name, { data }] of whole.tensors)
      expect(resumed.tensors.get(name)?.data).toEqual(data);
  });

  it("is the mean cosine of rows, but for those that are masked", () => {
    const one = { shape: [2, 2], data: Float32Array.of(1, 0, 3, 4) };
    const other = { shape: [2, 2], data: Float32Array.of(0, 1, 6, 8) };
    expect(meanCosine(one, other)).toBeCloseTo(0.5, 12);
    expect(meanCosine(one, other, [0, 1])).toBeCloseTo(1, 12);
    expect(meanCosine(one, other, [0, 0])).toBe(0);
  });

  it("has layers to add, and data", async () => {
    const { model, text } = await withIdleLayer();
    const refused = (given: GrowSettings): Promise<Error & { code: string }> =>
      failure(grow(model, { ...given, architectures }));
    expect(await refused({ ...settings, data: text, to: { hidden_size: 32 } })).toMatchObject({
      code: "sdk/nothing-to-repeat",
      actual: "3",
    });
    const more = { to: { num_hidden_layers: 4 } };
    const { evaluate: _e, cache: _c, sequence: _s, ...blind } = settings;
    expect((await refused({ ...blind, ...more })).message).toContain("`layersBy` needs `data`");
    expect(
      (await refused({ ...settings, ...more, data: text, layers: "0-3,2" })).message,
    ).toContain("`layers` says which layers are copied");
    expect(
      (await refused({ ...settings, ...more, data: text, method: "random" })).message,
    ).toContain("the method random takes no list of layers");
  });
});

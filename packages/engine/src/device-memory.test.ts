import { describe, expect, it } from "vitest";
import { createDeviceMemory, type Device, type HeldType } from "./device-memory.js";

/** A tensor on a device that does not exist. */
interface Copy {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A device of numbers in this process that counts what crosses to it, and what it holds. */
function fakeDevice(): Device<Copy> & { readonly log: string[]; readonly held: Set<Copy> } {
  const log: string[] = [];
  const held = new Set<Copy>();
  return {
    log,
    held,
    async upload(array, shape) {
      const copy = { shape, data: array.slice() };
      await Promise.resolve();
      log.push(`up ${array.length}`);
      held.add(copy);
      return copy;
    },
    async download({ data }, into) {
      await Promise.resolve();
      log.push(`down ${data.length}`);
      into.set(data);
    },
    release(copy) {
      if (!held.delete(copy)) throw new Error("released twice");
    },
  };
}

/** A tensor that a step made on the device. */
function made(device: ReturnType<typeof fakeDevice>, ...data: readonly number[]): Copy {
  const copy = { shape: [data.length], data: Float32Array.from(data) };
  device.held.add(copy);
  return copy;
}

describe("memory on a device", () => {
  it("moves numbers up once, and down when they are asked for", async () => {
    const device = fakeDevice();
    const array = Float32Array.of(1, 2);
    const held = createDeviceMemory(device).use(array);
    expect(device.log).toEqual([]);
    expect((await held.copy([2, 1])).shape).toEqual([2, 1]);
    await held.copy([2, 1]);
    expect(await held.read()).toBe(array);
    expect(device.log).toEqual(["up 2"]);
    for (let step = 1; step <= 500; step++) held.keep(made(device, step, -step));
    held.keep(await held.copy([2]));
    expect(device.held.size).toBe(1);
    expect([...array]).toEqual([1, 2]);
    expect([...(await held.read())]).toEqual([500, -500]);
    await held.read();
    expect(await held.copy([2])).toEqual(expect.objectContaining({ data: array }));
    expect(device.log).toEqual(["up 2", "down 2"]);
  });

  it("takes the caller's own array as it is, and copies any other into it", async () => {
    const device = fakeDevice();
    const array = Float32Array.of(1, 2);
    const held = createDeviceMemory(device).use(array);
    held.keep(made(device, 7, 7));
    array.fill(3);
    held.write(array);
    expect([...(await held.copy([2])).data]).toEqual([3, 3]);
    held.keep(made(device, 7, 7));
    held.write(Float32Array.of(4, 5));
    expect([...array]).toEqual([4, 5]);
    expect([...(await held.copy([2])).data]).toEqual([4, 5]);
    expect([...(await held.read())]).toEqual([4, 5]);
    expect(device.log).toEqual(["up 2", "up 2"]);
    expect(device.held.size).toBe(1);
  });

  it("shares one copy between programs that are given the same array", async () => {
    const device = fakeDevice();
    const memory = createDeviceMemory(device);
    const array = Float32Array.of(1, 2);
    const trained = memory.use(array);
    await trained.copy([2]);
    trained.keep(made(device, 8, 9));
    const evaluated = memory.use(array);
    expect(await evaluated.copy([2])).toBe(await trained.copy([2]));
    expect(device.log).toEqual(["up 2"]);
    evaluated.write(Float32Array.of(5, 6));
    expect([...(await trained.copy([2])).data]).toEqual([5, 6]);
    trained.release();
    expect([...(await evaluated.read())]).toEqual([5, 6]);
    expect(device.held.size).toBe(1);
    evaluated.release();
    expect(device.held.size).toBe(0);
  });

  it("frees at the end without bringing anything down, and begins anew from the array", async () => {
    const device = fakeDevice();
    const memory = createDeviceMemory(device);
    const array = Float32Array.of(1, 2);
    const first = memory.use(array);
    first.keep(made(device, 7, 7));
    first.release();
    expect([device.held.size, device.log, ...array]).toEqual([0, [], 1, 2]);
    const second = memory.use(array);
    expect([...(await second.copy([2])).data]).toEqual([1, 2]);
    second.release();
    memory.use(array).release();
    expect(device.held.size).toBe(0);
  });

  it("sees what was written to an array before it was handed over again", async () => {
    const device = fakeDevice();
    const memory = createDeviceMemory(device);
    const array = Float32Array.of(1, 2);
    const first = memory.use(array);
    await first.copy([2]);
    array.fill(0);
    expect([...(await first.copy([2])).data]).toEqual([1, 2]);
    const second = memory.use(array);
    expect([...(await second.copy([2])).data]).toEqual([0, 0]);
    expect(device.held.size).toBe(1);
  });

  it("moves a copy to another shape where the device tells shapes apart", async () => {
    const device = fakeDevice();
    const isHeldAs = (copy: Copy, shape: readonly number[]): boolean =>
      copy.shape.join() === shape.join();
    const held = createDeviceMemory({ ...device, isHeldAs }).use(Float32Array.of(1, 2));
    held.keep(made(device, 3, 4));
    expect(await held.copy([1, 2])).toEqual({ shape: [1, 2], data: Float32Array.of(3, 4) });
    await held.copy([1, 2]);
    expect(device.log).toEqual(["down 2", "up 2"]);
    expect(device.held.size).toBe(1);
  });

  it("holds half the bytes in float16, and never takes rounded numbers for the newest", async () => {
    const device = fakeDevice();
    const types = new Map<Copy, HeldType>();
    const memory = createDeviceMemory<Copy>({
      ...device,
      async upload(array, shape, type) {
        const copy = await device.upload(array, shape, type);
        types.set(copy, type);
        return copy;
      },
      isHeldAs: (copy, _shape, type) => (types.get(copy) ?? "float32") === type,
    });
    const array = Float32Array.of(1, 2);
    const held = memory.use(array);
    await held.copy([2], "float16");
    await held.copy([2], "float16");
    expect(memory.usage).toEqual({ tensors: 1, bytes: 4, up: 8, down: 0 });
    await held.copy([2]);
    expect(memory.usage).toEqual({ tensors: 1, bytes: 8, up: 16, down: 0 });
    await held.copy([2], "float16");
    expect(await held.read()).toBe(array);
    expect(memory.usage).toEqual({ tensors: 1, bytes: 4, up: 24, down: 0 });
    // what a step made is float32, and comes down before it is rounded
    held.keep(made(device, 3, 4));
    await held.copy([2], "float16");
    expect([...array]).toEqual([3, 4]);
    expect(memory.usage).toEqual({ tensors: 1, bytes: 4, up: 32, down: 8 });
    held.release();
    expect(memory.usage.bytes).toBe(0);
  });

  it("counts what it holds and what it moves", async () => {
    const device = fakeDevice();
    const memory = createDeviceMemory(device);
    const held = memory.use(Float32Array.of(1, 2));
    expect(memory.usage).toEqual({ tensors: 0, bytes: 0, up: 0, down: 0 });
    await held.copy([2]);
    expect(memory.usage).toEqual({ tensors: 1, bytes: 8, up: 8, down: 0 });
    for (let step = 0; step < 3; step++) held.keep(made(device, step, step));
    await held.read();
    await held.read();
    expect(memory.usage).toEqual({ tensors: 1, bytes: 8, up: 8, down: 8 });
    held.release();
    expect(memory.usage).toEqual({ tensors: 0, bytes: 0, up: 8, down: 8 });
  });

  it("keeps the former copy where an upload or a download fails", async () => {
    const device = fakeDevice();
    const broken = createDeviceMemory({
      ...device,
      upload: () => Promise.reject(new Error("out of memory")),
      download: () => Promise.reject(new Error("lost")),
    });
    const held = broken.use(Float32Array.of(1, 2));
    await expect(held.copy([2])).rejects.toThrow("out of memory");
    held.keep(made(device, 3, 4));
    await expect(held.read()).rejects.toThrow("lost");
    expect([...(await held.copy([2])).data]).toEqual([3, 4]);
    held.release();
    expect(device.held.size).toBe(0);
  });

  it("does one piece of work after another, also after one that failed", async () => {
    const memory = createDeviceMemory(fakeDevice());
    const order: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      order.push(`${name} begins`);
      await Promise.resolve();
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
      return name;
    };
    const results = await Promise.allSettled(
      ["a", "b", "c"].map((name) => memory.exclusive(work(name))),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(order).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });
});

import { describe, expect, it } from "vitest";
import { createBoundedCache } from "./bounded-cache.js";

/** The keys that are kept, without using them. */
const keptOf = (cache: { has(key: string): boolean }, keys = "abcdefgh"): readonly string[] =>
  keys.split("").filter((key) => cache.has(key));

describe("createBoundedCache", () => {
  it("forgets what was used longest ago", () => {
    const cache = createBoundedCache<string, number>({ limit: 2, eviction: "least-recent" });
    expect(cache.set("a", 1)).toBe(1);
    cache.set("b", 2);
    expect(cache.get("a")).toBe(1);
    cache.set("c", 3);
    expect(keptOf(cache)).toEqual(["a", "c"]);
    expect(cache.get("a")).toBe(1);
    expect(cache.get("a")).toBe(1);
    cache.set("d", 4);
    expect(keptOf(cache)).toEqual(["a", "d"]);
    expect(cache.has("a")).toBe(true);
    cache.set("e", 5);
    expect(keptOf(cache)).toEqual(["d", "e"]);
  });

  it("forgets everything at once", () => {
    const cache = createBoundedCache<string, number>({ limit: 2, eviction: "all" });
    for (const [index, key] of ["a", "b", "c"].entries()) cache.set(key, index);
    expect(keptOf(cache)).toEqual(["c"]);
    cache.set("d", 3);
    expect(keptOf(cache)).toEqual(["c", "d"]);
  });

  it("keeps what came first", () => {
    const cache = createBoundedCache<string, number>({ limit: 10, eviction: "none" });
    cache.set("a", 1, 6);
    expect(cache.makeRoom(4)).toBe(true);
    expect(cache.makeRoom(5)).toBe(false);
    expect(cache.set("b", 2, 5)).toBe(2);
    cache.set("c", 3, 4);
    expect(keptOf(cache)).toEqual(["a", "c"]);
  });

  it("counts weights, and a value anew that is set anew", () => {
    const cache = createBoundedCache<string, number>({ limit: 10, eviction: "least-recent" });
    cache.set("a", 1, 4);
    cache.set("b", 2, 4);
    cache.set("a", 3, 2);
    expect(cache.makeRoom(4)).toBe(true);
    expect(keptOf(cache)).toEqual(["a", "b"]);
    cache.set("c", 4, 9);
    expect(keptOf(cache)).toEqual(["c"]);
    cache.delete("c");
    expect(cache.makeRoom(10)).toBe(true);
  });

  it("keeps the newest value, however heavy, but alone", () => {
    const cache = createBoundedCache<string, number>({ limit: 10, eviction: "least-recent" });
    cache.set("a", 1, 1);
    cache.set("b", 2, 50);
    expect(keptOf(cache)).toEqual(["b"]);
    cache.set("c", 3, 1);
    expect(keptOf(cache)).toEqual(["c"]);
  });

  it("leaves alone what may not make way, and tells of what has", () => {
    const evicted: number[] = [];
    const pinned = new Set(["a"]);
    const cache = createBoundedCache<string, number>({
      limit: 3,
      eviction: "least-recent",
      mayEvict: (key) => !pinned.has(key),
      onEvict: (value) => evicted.push(value),
    });
    for (const [index, key] of ["a", "b", "c"].entries()) cache.set(key, index);
    expect(cache.makeRoom(2)).toBe(true);
    expect(cache.makeRoom(3)).toBe(false);
    expect(evicted).toEqual([1, 2]);
    pinned.clear();
    expect(cache.makeRoom(3)).toBe(true);
    expect(keptOf(cache)).toEqual([]);
  });

  it("forgets all when it is cleared", () => {
    const cache = createBoundedCache<string, number>({
      limit: 2,
      eviction: "none",
      mayEvict: () => false,
    });
    cache.set("a", 1, 2);
    cache.clear();
    expect(keptOf(cache)).toEqual([]);
    expect(cache.makeRoom(2)).toBe(true);
  });
});

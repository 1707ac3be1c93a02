import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const src = fileURLToPath(new URL(".", import.meta.url));

/** The rooms, each with those it may import from; small shared files at the top are open to all. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  json: [],
  layout: ["errors"],
  plan: ["errors", "layout"],
  operator: ["errors", "json", "layout", "plan"],
  methods: ["errors", "layout", "plan", "operator", "stream"],
  cost: ["errors", "layout", "plan", "operator"],
  stream: ["errors", "layout", "plan", "operator"],
};

const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("__fixtures__"),
);
const roomOf = (file: string): string | undefined =>
  file.includes("/") ? file.split("/")[0] : undefined;

function importsOf(file: string): readonly string[] {
  const code = readFileSync(join(src, file), "utf8");
  return [...code.matchAll(/\bfrom "(\.[^"]+)"/gu)].map(([, path = ""]) =>
    normalize(join(dirname(file), path)),
  );
}

it("rooms know only those below them", () => {
  expect(new Set(sources.map(roomOf))).toEqual(new Set([...Object.keys(arrows), undefined]));
  const wrong = sources.flatMap((file) => {
    const room = roomOf(file);
    if (room === undefined) return [];
    return importsOf(file)
      .filter((to) => {
        const other = roomOf(to);
        return other !== undefined && other !== room && !arrows[room]?.includes(other);
      })
      .map((to) => `${file} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

it("what lies at the top knows no room, but for the index", () => {
  const wrong = sources
    .filter((file) => roomOf(file) === undefined && !file.startsWith("index"))
    .flatMap((file) => importsOf(file).filter((to) => roomOf(to) !== undefined));
  expect(wrong).toEqual([]);
});

it("the root has at most sixty names", () => {
  const index = readFileSync(join(src, "index.ts"), "utf8");
  expect(index).not.toContain("export *");
  const names = [...index.matchAll(/export (?:type )?\{([^}]*)\}/gu)].flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  );
  expect(names.length).toBeGreaterThan(30);
  expect(names.length).toBeLessThanOrEqual(60);
});

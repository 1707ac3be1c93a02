import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { publicEntries } from "./api.js";
import { GUIDE, REFERENCE, RESEARCH } from "./sidebar.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

it.each(["guide", "reference", "research"])(
  "every page of docs/%s is in the side bar",
  (folder) => {
    const pages = readdirSync(`${root}/docs/${folder}`)
      .filter((file) => file.endsWith(".md"))
      .map((file) => `/${folder}/${file.replace(/\.md$/u, "")}`);
    const links = [...GUIDE, ...REFERENCE, ...RESEARCH].map(({ link }) => link);
    expect(links.filter((link) => link.startsWith(`/${folder}/`)).toSorted()).toEqual(
      pages.toSorted(),
    );
  },
);

it("every entry of every package has a page of its exported names", () => {
  const names = publicEntries(root).map(({ name }) => name);
  expect(names).toContain("@ligo/core");
  expect(names).toContain("@ligo/sdk/settings");
  expect(new Set(names).size).toBe(names.length);
  const packages = readdirSync(`${root}/packages`).map((folder) => `@ligo/${folder}`);
  expect(packages.filter((name) => !names.includes(name))).toEqual([]);
});

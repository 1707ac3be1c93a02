import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
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

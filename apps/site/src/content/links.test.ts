import { expect, it } from "vitest";
import { REPOSITORY, sitePath, siteMarkdown } from "./links.js";

it.each([
  ["[a](b.md#c)", "[a](b.md#c)"],
  ["[a](../README.md)", "[a](../index.md)"],
  ["[a](../../packages/cli/README.md#x)", `[a](${REPOSITORY}/blob/main/packages/cli/README.md#x)`],
  ["[a](../research/log.txt)", `[a](${REPOSITORY}/blob/main/docs/research/log.txt)`],
  ["[a](https://b.org/c.md)", "[a](https://b.org/c.md)"],
  ["[a](#b)", "[a](#b)"],
  ["![a](../images/b.png)", "![a](../images/b.png)"],
  ["[![a](b.png)](../README.md)", "[![a](b.png)](../index.md)"],
])("%s becomes %s", (markdown, made) => {
  expect(siteMarkdown("guide/page.md", markdown)).toBe(made);
});

it("the README of a folder is its index", () => {
  expect(["README.md", "guide/README.md", "guide/start.md"].map(sitePath)).toEqual([
    "index.md",
    "guide/index.md",
    "guide/start.md",
  ]);
});

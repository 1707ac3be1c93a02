import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findFiles, findTextFiles } from "./find-text-files.js";
import { listFiles } from "./list-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-data-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(name: string, content: string | Uint8Array = name): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function names(...patterns: string[]): Promise<string[]> {
  const files = await findTextFiles(patterns.map((pattern) => `${folder}/${pattern}`));
  return files.map((file) => file.slice(folder.length + 1));
}

describe("findTextFiles", () => {
  beforeEach(async () => {
    const files = ["b.txt", "a.md", "c.log", "A.RST", ".hidden.txt", "sub/d.txt", "sub/deep/e.txt"];
    await Promise.all(
      [...files, ".git/f.txt", "sub/.g.txt", "sub/deep/h.py", "odd[1]?.log"].map((file) =>
        put(file),
      ),
    );
  });

  test("walks a folder, sorted, without hidden entries, by extension", async () => {
    expect(await names("")).toEqual(["A.RST", "a.md", "b.txt", "sub/d.txt", "sub/deep/e.txt"]);
  });

  test("tells what of a folder is left out, and why", async () => {
    await put("void.txt", "");
    const { files, leftOut } = await findFiles([folder, join(folder, "c.log")]);
    expect(files).toContain(join(folder, "void.txt"));
    expect(leftOut.map(({ file, why }) => `${why} ${file.slice(folder.length + 1)}`)).toEqual([
      "kind odd[1]?.log",
      "kind sub/deep/h.py",
      "hidden .git",
      "hidden .hidden.txt",
      "hidden sub/.g.txt",
      "empty void.txt",
    ]);
    // a glob says itself what is wanted
    expect((await findFiles([`${folder}/sub/*`])).leftOut).toEqual([]);
  });

  test("takes other extensions if asked to", async () => {
    const files = await findTextFiles([folder], { extensions: [".py", ".LOG"] });
    expect(files).toEqual(
      ["c.log", "odd[1]?.log", "sub/deep/h.py"].map((name) => join(folder, name)),
    );
  });

  test("takes a file as it is, whatever its name", async () => {
    expect(await names("c.log", ".hidden.txt", "odd[1]?.log")).toEqual([
      "c.log",
      ".hidden.txt",
      "odd[1]?.log",
    ]);
  });

  test.each([
    ["*.txt", ["b.txt"]],
    ["?.*", ["A.RST", "a.md", "b.txt", "c.log"]],
    ["**/*.txt", ["b.txt", "sub/d.txt", "sub/deep/e.txt"]],
    [
      "**",
      [
        "A.RST",
        "a.md",
        "b.txt",
        "c.log",
        "odd[1]?.log",
        "sub/d.txt",
        "sub/deep/e.txt",
        "sub/deep/h.py",
      ],
    ],
    ["sub/**/deep/*", ["sub/deep/e.txt", "sub/deep/h.py"]],
    ["*/*.txt", ["sub/d.txt"]],
    ["*/deep/e.txt", ["sub/deep/e.txt"]],
    ["*[[]1]?.log", undefined],
    ["*[1]?.log", ["odd[1]?.log"]],
    ["sub/.*.txt", ["sub/.g.txt"]],
    ["{a,b}.*", ["a.md", "b.txt"]],
    ["{sub,sub/deep}/?.{txt,py}", ["sub/d.txt", "sub/deep/e.txt", "sub/deep/h.py"]],
    ["*.{md,RST}", ["A.RST", "a.md"]],
    ["**/*.{py,log}", ["c.log", "odd[1]?.log", "sub/deep/h.py"]],
    ["sub/deep/{d..h}.py", undefined],
    ["@(a|b).*", undefined],
    ["!(a).txt", undefined],
    ["*.TXT", undefined],
    ["sub/de*", undefined],
    [String.raw`sub\deep\*.txt`, ["sub/deep/e.txt"]],
    [String.raw`sub\**\{e,h}.*`, ["sub/deep/e.txt", "sub/deep/h.py"]],
    [String.raw`sub\d.txt`, ["sub/d.txt"]],
    [String.raw`sub\deep`, ["sub/deep/e.txt"]],
  ])("glob %s", async (pattern, expected) => {
    if (expected === undefined) {
      await expect(names(pattern)).rejects.toMatchObject({ code: "data/no-match" });
    } else {
      expect(await names(pattern)).toEqual(expected);
    }
  });

  test("names that are there are taken as they are, before they are read as globs", async () => {
    for (const name of ["x/{a,b}/1.txt", "x/a/2.txt", "x/*/3.txt", "x/(y)+/[4].txt", "x/*.txt"])
      await put(name);
    await put(String.raw`x/a\b.txt`);
    expect(await names("x/{a,b}/*.txt")).toEqual(["x/{a,b}/1.txt"]);
    expect(await names("x/*/?.txt")).toEqual(["x/*/3.txt"]);
    expect(await names("x/*.txt")).toEqual(["x/*.txt"]);
    expect(await names("x/(y)+/[*].txt")).toEqual(["x/(y)+/[4].txt"]);
    expect(await names("?/(y)+/[?].txt")).toEqual(["x/(y)+/[4].txt"]);
    expect(await names(String.raw`x/a\b.txt`)).toEqual([String.raw`x/a\b.txt`]);
  });

  test("a folder comes folder by folder, a glob by whole paths, both by code units", async () => {
    for (const name of ["y/a/1.txt", "y/a-b.txt", "y/B.txt", "y/ä.txt", "y/a.txt"]) await put(name);
    const [first, ...last] = ["y/B.txt", "y/ä.txt"];
    expect(await names("y")).toEqual([first, "y/a/1.txt", "y/a-b.txt", "y/a.txt", ...last]);
    expect(await names("y/**")).toEqual([first, "y/a-b.txt", "y/a.txt", "y/a/1.txt", ...last]);
  });

  test("paths keep the form of the pattern", async () => {
    const home = process.cwd();
    process.chdir(folder);
    try {
      expect(
        await findTextFiles(["./sub/*.txt", "sub//deep/*.txt", "sub/../*.md", "su*/d.txt"]),
      ).toEqual(["./sub/d.txt", "sub/deep/e.txt", "sub/../a.md", "sub/d.txt"]);
    } finally {
      process.chdir(home);
    }
  });

  test("keeps the order of the patterns and repeats no file", async () => {
    expect(await names("sub", "b.txt", "*.txt", "sub/d.txt")).toEqual([
      "sub/d.txt",
      "sub/deep/e.txt",
      "b.txt",
    ]);
  });

  test("follows links to folders, but not in circles", async () => {
    await symlink(join(folder, "sub"), join(folder, "sub/deep/up"));
    await symlink(join(folder, "sub/deep"), join(folder, "link"));
    // link -> sub/deep, whose `up` leads to sub once more; sub/deep below it would close the circle.
    expect(await names("link")).toEqual(["link/e.txt", "link/up/d.txt"]);
    expect(await names("sub/**/*.txt")).toEqual(["sub/d.txt", "sub/deep/e.txt"]);
    expect(await names("li*/**/?.txt")).toEqual(["link/e.txt", "link/up/d.txt"]);
  });

  test("takes a link that leads nowhere as a file", async () => {
    await symlink(join(folder, "nowhere"), join(folder, "gone.txt"));
    expect(await names("g*.txt")).toEqual(["gone.txt"]);
    expect(await names("")).toContain("gone.txt");
  });

  test("a folder that cannot be read is named", async () => {
    const gone = join(folder, "nowhere");
    await expect(listFiles(gone, "**")).rejects.toMatchObject({
      code: "data/unreadable",
      file: gone,
    });
  });

  test.each(["nowhere.txt", "nowhere/*.txt", "*.pdf", "sub/deep/h.py/x"])(
    "%s matches nothing",
    async (pattern) => {
      await expect(names("b.txt", pattern)).rejects.toMatchObject({
        code: "data/no-match",
        file: `${folder}/${pattern}`,
      });
    },
  );

  test("no pattern at all is refused", async () => {
    await expect(findTextFiles([])).rejects.toMatchObject({ code: "data/no-match" });
  });
});

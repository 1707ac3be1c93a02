import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { OutputError } from "./errors/output-error.js";
import { leftBehind } from "./__fixtures__/left-behind.js";
import { createOutputFolder, prepareFolder, writeOutputFolder } from "./write-output-folder.js";

async function fill(folder: string): Promise<string> {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "x"), "1");
  return "done";
}

async function expectFilled(out: string): Promise<void> {
  expect(await readFile(join(out, "sub", "x"), "utf8")).toBe("1");
}

describe("a folder", () => {
  it("is filled beside its place and then renamed; the callback's result is returned", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    const result = await writeOutputFolder(out, async (temporary) => {
      expect(dirname(temporary)).toBe(root);
      expect(basename(temporary)).toContain(`.out.partial-${process.pid}-`);
      expect(await readdir(root)).toEqual([basename(temporary)]);
      return fill(temporary);
    });
    expect(result).toBe("done");
    expect(await readdir(root)).toEqual(["out"]);
    await expectFilled(out);
  });

  it("may exist if it is empty, and may be a link to such a one", async () => {
    const root = temporaryFolder();
    await mkdir(join(root, "real"));
    await symlink("real", join(root, "link"));
    await writeOutputFolder(join(root, "link"), fill);
    await expectFilled(join(root, "real"));
    expect((await readdir(root)).toSorted()).toEqual(["link", "real"]);
  });

  it("gets its missing parents", async () => {
    const root = temporaryFolder();
    await writeOutputFolder(join(root, "a", "b", "out"), fill);
    await expectFilled(join(root, "a", "b", "out"));
  });

  it("is cleared of what killed processes left beside it, which is told", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    const left = await leftBehind(out);
    await mkdir(left);
    await writeFile(join(left, "old"), "x");
    // somebody else's, and that of another output
    const others = [".out.partial-123", ".outer.partial-x", await leftBehind(join(root, "other"))];
    for (const name of others) await writeFile(join(root, basename(name)), "");
    const told: (readonly string[])[] = [];
    await writeOutputFolder(out, fill, (paths) => void told.push(paths));
    expect(told).toEqual([[left]]);
    expect(await readdir(out)).toEqual(["sub"]);
    const names = ["out", ...others.map((name) => basename(name))];
    expect((await readdir(root)).toSorted()).toEqual(names.toSorted());
    await writeOutputFolder(join(root, "again"), fill, (paths) => void told.push(paths));
    expect(told).toHaveLength(1);
  });

  it("is removed in one step once it is in its place", async () => {
    const root = temporaryFolder();
    const output = await createOutputFolder(join(root, "a", "out"));
    await fill(output.folder);
    await output.place();
    await expectFilled(output.folder);
    await output.remove();
    expect(await readdir(root)).toEqual([]);
  });
});

describe("a folder that is filled bit by bit", () => {
  it("is made with its parents, and taken back while it is empty", async () => {
    const root = temporaryFolder();
    const out = join(root, "a", "out");
    const undo = await prepareFolder(out);
    expect(await readdir(out)).toEqual([]);
    await undo();
    expect(await readdir(root)).toEqual([]);
  });

  it("stays with what is in it, and may be there already", async () => {
    const root = temporaryFolder();
    await touch(root, "x");
    await (
      await prepareFolder(root)
    )();
    expect(await readdir(root)).toEqual(["x"]);
    const undo = await prepareFolder(join(root, "out"));
    await touch(join(root, "out"), "y");
    await undo();
    expect(await readdir(join(root, "out"))).toEqual(["y"]);
  });

  it("is refused where it cannot be written, and leaves nothing behind", async () => {
    const root = temporaryFolder();
    const file = await touch(root, "x");
    for (const out of [file, join(file, "out"), "/proc/out", "/proc/a/b/out"]) {
      const error = await failure(prepareFolder(out));
      expect(error).toBeInstanceOf(OutputError);
      expect(error).toMatchObject({ code: "output/not-writable", file: out });
    }
    expect(await readdir(root)).toEqual(["x"]);
  });
});

describe("when the callback fails", () => {
  it("its error is passed on, and nothing is left, parents included", async () => {
    const root = temporaryFolder();
    const failing = writeOutputFolder(join(root, "a", "b", "out"), async (temporary) => {
      await fill(temporary);
      throw new RangeError("mine");
    });
    await expect(failing).rejects.toThrow(new RangeError("mine"));
    expect(await readdir(root)).toEqual([]);
  });

  it("parents that hold something else by then are kept", async () => {
    const root = temporaryFolder();
    const failing = writeOutputFolder(join(root, "a", "b", "out"), async () => {
      await writeFile(join(root, "a", "other"), "x");
      throw new RangeError("mine");
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await readdir(join(root, "a"))).toEqual(["other"]);
  });

  it("an empty folder that was there is still there", async () => {
    const root = temporaryFolder();
    await mkdir(join(root, "out"));
    const failing = writeOutputFolder(join(root, "out"), () =>
      Promise.reject(new RangeError("mine")),
    );
    await expect(failing).rejects.toThrow(RangeError);
    expect(await readdir(root)).toEqual(["out"]);
  });
});

describe("refuses", () => {
  const never = (): Promise<never> => expect.fail("the callback must not run");

  it("a folder with something in it", async () => {
    const root = temporaryFolder();
    const error = await failure(writeOutputFolder(dirname(await touch(root, "x")), never));
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({ code: "output/not-empty", file: root });
    expect(await readdir(root)).toEqual(["x"]);
  });

  it("a folder that was filled meanwhile", async () => {
    const root = temporaryFolder();
    const out = join(root, "out");
    const failing = writeOutputFolder(out, async (temporary) => {
      await fill(temporary);
      await mkdir(out);
      await touch(out, "theirs");
    });
    expect((await failure(failing)).code).toBe("output/not-empty");
    expect(await readdir(root)).toEqual(["out"]);
    expect(await readdir(out)).toEqual(["theirs"]);
  });

  it("a file", async () => {
    const file = await touch(temporaryFolder(), "x");
    expect(await failure(writeOutputFolder(file, never))).toMatchObject({
      code: "output/not-a-folder",
      file,
    });
  });

  it("a parent that is a file, or below one", async () => {
    const file = await touch(temporaryFolder(), "x");
    for (const out of [join(file, "out"), join(file, "a", "out")]) {
      expect(await failure(writeOutputFolder(out, never))).toMatchObject({
        code: "output/not-writable",
        file: out,
      });
    }
  });

  // The superuser may write anywhere, so there the refusal is the file system's: /proc takes no new folders.
  it("a parent that cannot be written", async () => {
    const root = temporaryFolder();
    await chmod(root, 0o555);
    const parent = process.getuid?.() === 0 ? "/proc" : root;
    const error = await failure(writeOutputFolder(join(parent, "a", "out"), never));
    expect(error.code).toBe("output/not-writable");
    expect(error.message).toContain(parent);
  });
});

async function touch(folder: string, name: string): Promise<string> {
  await writeFile(join(folder, name), "x");
  return join(folder, name);
}

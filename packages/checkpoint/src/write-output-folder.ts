import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeFailure } from "./atomic-file.js";
import { OutputError } from "./errors/output-error.js";
import { removeAside, removeLeftovers, temporaryBeside } from "./leftovers.js";
import { systemCode } from "./regular-file.js";
import { syncFolder, syncPath } from "./sync.js";

/** A folder that is filled before it is seen. */
export interface OutputFolder {
  /** Folder of its contents: an empty temporary one beside its place, and its place once it is there. */
  readonly folder: string;
  /** Paths of what processes that were killed had left beside it, which is removed. */
  readonly leftovers: readonly string[];
  /** Syncs everything in it and renames it to its place. */
  place(): Promise<void>;
  /** Removes it, wherever it is, and the parents that were created for it. */
  remove(): Promise<void>;
}

/**
 * Makes a temporary folder beside `out`, to be filled and put in its place. Throws `OutputError`: `output/not-empty` where
 * `out` exists with something in it, `output/not-a-folder` where it is a file, `output/not-writable` where its parent
 * cannot be created or written; `place` throws `output/not-empty` where `out` was filled meanwhile.
 */
export async function createOutputFolder(out: string): Promise<OutputFolder> {
  const target = await resolveTarget(out);
  const parent = dirname(target);
  const createdParents: string[] = [];
  try {
    await createParents(parent, createdParents, out);
    const leftovers = await removeLeftovers(target);
    let folder = await createTemporary(target, out);
    return {
      leftovers,
      get folder() {
        return folder;
      },
      async place() {
        try {
          await syncTree(folder);
          await moveInto(folder, target, out);
          folder = target;
          for (const created of [target, ...createdParents]) await syncFolder(dirname(created));
        } catch (error) {
          throw writeFailure(folder, error);
        }
      },
      async remove() {
        const whole = { recursive: true, force: true };
        // a disk that takes nothing more may refuse to rename
        if (folder === target) await removeAside(folder).catch(() => rm(folder, whole));
        else await rm(folder, whole);
        await removeEmpty(createdParents);
      },
    };
  } catch (error) {
    await removeEmpty(createdParents);
    throw error;
  }
}

/**
 * Fills a folder all or nothing. `write` gets an empty temporary folder beside `out`; when it is done, everything in it
 * is synced and the folder renamed to `out`, and what `write` returned is returned. If anything fails, the temporary
 * folder and the parents created for it are removed, `out` is as it was, and the error is passed on. Throws what
 * {@link createOutputFolder} throws, and `output/write-failed` where the system refuses.
 *
 * @param onLeftovers is told of what processes that were killed had left beside `out`, where there was something to remove
 */
export async function writeOutputFolder<T>(
  out: string,
  write: (temporaryFolder: string) => Promise<T>,
  onLeftovers?: (paths: readonly string[]) => void,
): Promise<T> {
  const output = await createOutputFolder(out);
  if (output.leftovers.length > 0) onLeftovers?.(output.leftovers);
  try {
    const result = await write(output.folder);
    await output.place();
    return result;
  } catch (error) {
    // what went wrong first is what matters
    await output.remove().catch(() => undefined);
    throw error;
  }
}

/**
 * Makes a folder that is filled bit by bit, with its parents where they are missing, and sees that something can be written
 * into it. Returns a function that removes again what was made, as long as that is empty. Throws `OutputError`:
 * `output/not-writable`, and `output/write-failed` where the disk is full.
 */
export async function prepareFolder(out: string): Promise<() => Promise<void>> {
  const created: string[] = [];
  const undo = (): Promise<void> => removeEmpty(created);
  try {
    await createParents(resolve(out), created, out);
    await tryWriting(out);
    return undo;
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Writes a file into a folder and removes it. */
async function tryWriting(folder: string): Promise<void> {
  const probe = join(folder, "probe");
  await removeLeftovers(probe);
  const temporary = await temporaryBeside(probe);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.write("probe");
      await handle.sync();
    } finally {
      await handle.close();
      await rm(temporary, { force: true });
    }
  } catch (error) {
    const isFull = ["ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "");
    throw isFull ? writeFailure(folder, error) : notWritable(folder, folder, error);
  }
}

/** The folder to create, links resolved; it does not exist or is empty. */
async function resolveTarget(out: string): Promise<string> {
  try {
    const target = await realpath(out);
    if (!(await stat(target)).isDirectory()) {
      throw new OutputError(
        "output/not-a-folder",
        `${out} exists and is not a folder. Choose another output folder.`,
        {
          file: out,
        },
      );
    }
    if ((await readdir(target)).length > 0) throw notEmpty(out);
    return target;
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const code = systemCode(error);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw notWritable(out, out, error);
    return resolve(out);
  }
}

/** Creates missing parents one by one and notes each, outermost first. */
async function createParents(parent: string, created: string[], out: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = parent; ; folder = dirname(folder)) {
    try {
      if ((await stat(folder)).isDirectory()) break;
      throw notWritable(out, folder, undefined);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw asNotWritable(out, folder, error);
      missing.unshift(folder);
    }
  }
  for (const folder of missing) {
    try {
      await mkdir(folder);
      created.push(folder);
    } catch (error) {
      // Someone else made it meanwhile: theirs to keep.
      if (systemCode(error) !== "EEXIST") throw notWritable(out, folder, error);
    }
  }
}

async function createTemporary(target: string, out: string): Promise<string> {
  const folder = await temporaryBeside(target);
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    throw notWritable(out, dirname(target), error);
  }
}

async function moveInto(temporary: string, target: string, out: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOTEMPTY" || code === "EEXIST") throw notEmpty(out, error);
    throw notWritable(out, target, error);
  }
}

/** Makes sure that everything in a folder has reached the disk. */
async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncFolder(folder);
}

/** Removes folders, innermost first, as long as they are empty. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

function notEmpty(out: string, cause?: unknown): OutputError {
  return new OutputError(
    "output/not-empty",
    `The output folder ${out} is not empty. Choose another one, or remove what is in it.`,
    { file: out, expected: "a missing or empty folder", cause },
  );
}

function asNotWritable(out: string, folder: string, error: unknown): OutputError {
  return error instanceof OutputError ? error : notWritable(out, folder, error);
}

function notWritable(out: string, folder: string, cause: unknown): OutputError {
  const reason = systemCode(cause) ?? "not a folder";
  return new OutputError(
    "output/not-writable",
    `The output folder ${out} cannot be created: ${folder} cannot be written (${reason}). Choose a place you may write to.`,
    { file: out, actual: reason, cause },
  );
}

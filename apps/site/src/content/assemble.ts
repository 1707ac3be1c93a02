import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sitePath, siteMarkdown } from "./links.js";
import { slashes } from "./slashes.js";

/** Folders that a site is put together from. */
export interface ContentFolders {
  /** docs/ of the repository. */
  readonly docs: string;
  /** Pages that only the site has. */
  readonly pages: string;
  /** Where the content is gathered; what lies there is removed, but for `api/`. */
  readonly content: string;
}

/** Puts the pages of docs/ and those of the site into one folder. Images are copied as they are. */
export async function assemble({ content, docs, pages }: ContentFolders): Promise<void> {
  await mkdir(content, { recursive: true });
  for (const name of await readdir(content)) {
    if (name !== "api") await rm(join(content, name), { recursive: true });
  }
  for (const found of await readdir(docs, { recursive: true })) {
    const file = slashes(found);
    const from = join(docs, file);
    if (/\.(?:png|svg|jpg|webp)$/u.test(file)) await cp(from, join(content, file));
    if (!file.endsWith(".md")) continue;
    // the site has a front page of its own
    const to = join(content, file === "README.md" ? "contents.md" : sitePath(file));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, siteMarkdown(file, await readFile(from, "utf8")));
  }
  for (const file of await readdir(pages)) {
    const markdown = await readFile(join(pages, file), "utf8");
    await writeFile(join(content, file), markdown.replaceAll("](../../../docs/", "](./"));
  }
}

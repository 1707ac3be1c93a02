import { posix } from "node:path";

/** Where sources are shown that are no pages of the site. */
export const REPOSITORY = "https://github.com/ligo-ts/ligo";

/** Path of a page on the site: `README.md` of a folder is its index. */
export const sitePath = (page: string): string => page.replace(/(^|\/)README\.md$/u, "$1index.md");

/**
 * A page of docs/ as the site has it: links that leave docs/ lead to the repository, and those to a `README.md` to an index. Images
 * stay as they are.
 *
 * @param page path below docs/
 */
export function siteMarkdown(page: string, markdown: string): string {
  return markdown.replaceAll(
    /(!\[[^\]]*)?(\]\()([^)\s#]+)((?:#[^)\s]*)?\))/gu,
    (link, image: string | undefined, open: string, url: string, close: string) => {
      if (image !== undefined || /^[a-z][a-z+.-]*:/iu.test(url)) return link;
      const target = posix.join("docs", posix.dirname(page), url);
      if (!target.startsWith("docs/")) return `${open}${REPOSITORY}/blob/main/${target}${close}`;
      if (!url.endsWith(".md")) return `${open}${REPOSITORY}/blob/main/${target}${close}`;
      return `${open}${sitePath(url)}${close}`;
    },
  );
}

import GithubSlugger from "github-slugger";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./workspaces.js";

/** A link of a Markdown page as it is written. */
interface Link {
  readonly line: number;
  readonly url: string;
}

/** Lines of a page outside of fenced code, each with its number. */
function proseLines(markdown: string): readonly (readonly [number, string])[] {
  let fence: string | undefined;
  return markdown.split("\n").flatMap((line, index) => {
    const [, mark] = /^\s*(`{3,}|~{3,})/u.exec(line) ?? [];
    if (fence === undefined && mark === undefined) return [[index + 1, line] as const];
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) === true) fence = undefined;
    return [];
  });
}

const withoutCode = (line: string): string => line.replaceAll(/(`+)[^`].*?\1/gu, "");

/** The links of a page, code left out. */
export function linksOf(markdown: string): readonly Link[] {
  return proseLines(markdown).flatMap(([line, text]) => {
    const inline = withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/gu);
    const defined = withoutCode(text).matchAll(/^\s*\[[^\]]+\]:\s+(\S+)/gu);
    return [...inline, ...defined].map(([, url = ""]) => ({ line, url }));
  });
}

/** The anchors that GitHub gives the headings of a page, and those set by hand. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const anchors = proseLines(markdown).flatMap(([, line]) => {
    const [, heading] = /^#{1,6}\s+(.+?)\s*#*$/u.exec(line) ?? [];
    const named = [...line.matchAll(/<a (?:id|name)="([^"]+)"/gu)].map(([, name = ""]) => name);
    if (heading === undefined) return named;
    return [slugger.slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")), ...named];
  });
  return new Set(anchors);
}

/** Links of a page that lead nowhere: no file of the repository, or no heading of it. Other hosts are not asked. */
export function deadLinks(file: string): readonly string[] {
  const markdown = readFileSync(join(root, file), "utf8");
  return linksOf(markdown).flatMap(({ line, url }) => {
    if (/^[a-z][a-z+.-]*:/iu.test(url)) return [];
    const [path = "", anchor] = url.split("#");
    const target = path === "" ? join(root, file) : join(root, dirname(file), decodeURI(path));
    const at = `${file}:${line} ${url}`;
    if (relative(root, target).startsWith("..")) return [`${at} leaves the repository`];
    if (!existsSync(target)) return [`${at} is not there`];
    if (anchor === undefined) return [];
    if (statSync(target).isDirectory()) return [`${at} is a folder, which has no headings`];
    return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? [] : [`${at} has no such heading`];
  });
}

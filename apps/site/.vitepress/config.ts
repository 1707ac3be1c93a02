import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { katex } from "@mdit/plugin-katex";
import GithubSlugger from "github-slugger";
import { defineConfig, type DefaultTheme, type UserConfig } from "vitepress";
import { writeApi } from "../src/content/api.js";
import { assemble } from "../src/content/assemble.js";
import { REPOSITORY } from "../src/content/links.js";
import { slashes } from "../src/content/slashes.js";
import { withoutModels } from "../src/content/without-models.js";
import { GUIDE, REFERENCE, RESEARCH } from "../src/content/sidebar.js";

const site = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(site, "../..");
const content = join(site, ".content");
const api = join(content, "api");

/** Sources of the packages, so that nothing need be built first. */
const conditions = ["@ligo/source", "module", "browser", "development|production"];

/** Heading anchors as GitHub makes them, so that a link is right on both. */
const slugify = (heading: string): string => new GithubSlugger().slug(heading);

/** Displayed mathematics scrolls where a page is narrow: by the keyboard too, as tables and code do. */
const reachable = (html: string, isDisplayed: boolean): string =>
  isDisplayed ? html.replace("<math", '<math tabindex="0"') : html;

function apiItems(): DefaultTheme.SidebarItem[] {
  return readdirSync(api, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .map((file) => slashes(file).replace(/(?:\/index)?\.md$/u, ""))
    .toSorted()
    .map((path) => ({ text: path.replace(/^@?ligo\//u, "@ligo/"), link: `/api/${path}` }));
}

export default async (): Promise<UserConfig<DefaultTheme.Config>> => {
  await assemble({ docs: join(root, "docs"), pages: join(site, "pages"), content });
  // made once while pages are written, and anew for every build
  if (process.env["LIGO_SITE_API"] !== "kept" || !existsSync(api)) await writeApi(root, api);
  return defineConfig({
    title: "LiGO",
    description: "Grow a pretrained transformer into a larger one.",
    base: process.env["LIGO_SITE_BASE"] ?? "/",
    head: [["link", { rel: "icon", href: "data:," }]],
    srcDir: ".content",
    outDir: "dist",
    cleanUrls: true,
    lastUpdated: false,
    // an example of TensorFlow.js has a server on the reader's machine
    ignoreDeadLinks: "localhostLinks",
    markdown: {
      anchor: { slugify },
      config: (md) => {
        md.use(katex, { output: "mathml", transformer: reachable });
      },
    },
    vite: {
      plugins: [withoutModels(root)],
      resolve: { conditions },
      ssr: { noExternal: [/^@ligo\//u], resolve: { conditions } },
    },
    themeConfig: {
      search: { provider: "local" },
      socialLinks: [{ icon: "github", link: REPOSITORY }],
      nav: [
        { text: "Guide", link: "/guide/start" },
        { text: "Planner", link: "/planner" },
        { text: "Reference", link: "/reference/commands" },
        { text: "Research", link: "/research/results" },
      ],
      sidebar: [
        { text: "Guide", items: GUIDE },
        { text: "Reference", items: REFERENCE },
        { text: "API", collapsed: true, items: apiItems() },
        { text: "Research", collapsed: true, items: RESEARCH },
        {
          text: "Contributing",
          collapsed: true,
          items: [
            { text: "How the house is built", link: "/contributing/architecture" },
            { text: "A new architecture", link: "/contributing/new-architecture" },
          ],
        },
      ],
      outline: [2, 3],
    },
  });
};

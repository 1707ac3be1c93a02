import {
  chromiumPath,
  faultsOf,
  isRequired,
  launch,
  openPage,
  overflowing,
  WIDTHS,
  type Browser,
  type BrowserContext,
  type Page,
  type View,
} from "@ligo/vitest/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertBuilt, dist, htmlOf, isBuilt, paths } from "./__fixtures__/built-site.js";
import { serveFolder, type ServedFolder } from "./__fixtures__/serve-folder.js";
import { GUIDE, REFERENCE, RESEARCH } from "./content/sidebar.js";

// The built site in a real Chromium of the system. `npm test` builds it before, through turbo, which keeps it while neither docs/ nor
// sources change; a build takes 40 seconds of processor time. Where there is no built site or no Chromium these tests are skipped,
// and LIGO_REQUIRE_CHROMIUM=1 makes that a failure.

/** Pages of typedoc are made alike, and some have ten thousand elements: axe looks at a few. */
const API = [
  "/api/",
  "/api/@ligo/bert",
  "/api/@ligo/checkpoint",
  "/api/@ligo/sdk/planning",
] as const;
const isApi = (path: string): boolean => path.startsWith("/api/");

const VIEWS = [
  ["phone", "light"],
  ["desktop", "dark"],
] as const;

describe.skipIf(!isRequired && (chromiumPath === undefined || !isBuilt))("in Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  let site: ServedFolder;

  beforeAll(async () => {
    assertBuilt();
    site = await serveFolder(dist);
    browser = await launch();
    context = await browser.newContext();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Opens a page and waits until it answers to its reader. */
  async function open(path: string, view: View): Promise<Page> {
    const page = await openPage(context, `${site.origin}${path}`, view);
    await page.waitForFunction(`document.querySelector("#app").__vue_app__ !== undefined`);
    return page;
  }

  async function expectReadable(page: Page): Promise<void> {
    // a bar that stays at the top covers what a click has scrolled there
    await page.evaluate(`scrollTo({ top: 0, behavior: "instant" })`);
    expect(await overflowing(page)).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  }

  it("has the pages of the side bar", () => {
    const links = [...GUIDE, ...REFERENCE, ...RESEARCH].map(({ link }) => link);
    expect([...links, ...API].filter((link) => !paths.includes(link))).toEqual([]);
  });

  it("gives every page a title of its own and one heading above all others", () => {
    const pages = paths.map((path) => {
      const html = htmlOf(path);
      const title = /<title>([^<]+)<\/title>/u.exec(html)?.[1];
      return { path, title, headings: html.match(/<h1[\s>]/gu)?.length ?? 0 };
    });
    const titles = pages.map(({ title }) => title);
    const faulty = pages.filter(
      ({ headings, title }, index) =>
        title === undefined || titles.indexOf(title) !== index || headings !== 1,
    );
    expect(faulty).toEqual([]);
  });

  describe.each([...paths.filter((path) => !isApi(path)), ...API])("the page %s", (path) => {
    it.each(VIEWS)(
      "can be read on a %s in %s: edges, WCAG 2.2 AA by axe",
      async (width, scheme) => {
        const page = await open(path, { scheme, width: WIDTHS[width] });
        await expectReadable(page);
        await page.close();
      },
    );
  });

  it.each(paths.filter(isApi))("the page %s is no wider than a phone", async (path) => {
    const page = await open(path, { width: WIDTHS.phone });
    expect(await overflowing(page)).toEqual([]);
    await page.close();
  });

  describe("the planner", () => {
    it.each(VIEWS)("plans on a %s in %s, however the target is given", async (width, scheme) => {
      const page = await open("/planner", { scheme, width: WIDTHS[width] });
      const plan = page.getByRole("region", { name: "Plan" });
      // the sizes that planner.test.ts has for the first example
      await plan.getByText("134,515,008 → 270,590,208").waitFor();
      await page.getByRole("button", { name: "GPT-2" }).click();
      await plan.getByText("npx ligo grow openai-community/gpt2").waitFor();
      for (const kind of ["parameters", "config", "factor"]) {
        await page.getByRole("radio", { name: kind }).check();
        await expectReadable(page);
      }
      await page.close();
    });

    it("says what is wrong", async () => {
      const page = await open("/planner", { width: WIDTHS.phone });
      await page.getByRole("textbox", { name: "2x" }).fill("huge");
      await page.getByRole("alert").waitFor();
      expect(await page.getByRole("region", { name: "Plan" }).count()).toBe(0);
      await expectReadable(page);
      await page.close();
    });
  });
});

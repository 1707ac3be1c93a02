import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

/** A Chromium of the system: LIGO_CHROMIUM names it, LIGO_REQUIRE_CHROMIUM=1 refuses to do without. */

export type { Browser, BrowserContext, Page };

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** The browser that `LIGO_CHROMIUM` names, or the first one on the `PATH`. */
export const chromiumPath: string | undefined =
  process.env["LIGO_CHROMIUM"] ??
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));

/** Whether tests in a browser must run: where there is none they fail then, instead of being skipped. */
export const isRequired: boolean = process.env["LIGO_REQUIRE_CHROMIUM"] === "1";

/** Starts the browser. Throws where there is none. */
export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) {
    throw new Error("There is no Chromium on the PATH. Name one by LIGO_CHROMIUM.");
  }
  // a sandbox needs rights that containers do not have; pages are our own
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
}

/** Widths of windows in CSS pixels. */
export const WIDTHS = { phone: 390, desktop: 1180 } as const;

/** How a page is looked at. */
export interface View {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
}

/** Opens a page, drawn to its end; pages of one context load what they share once. Errors of its scripts are thrown, and what it asks of other hosts. */
export async function openPage(
  browser: Browser | BrowserContext,
  url: string,
  { scheme = "light", width = WIDTHS.desktop }: View,
): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height: 844 });
  await page.emulateMedia({ colorScheme: scheme });
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (told) => {
    if (told.type() === "error") errors.push(told.text());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (/^(?:http|ws)/u.test(asked.protocol) && asked.origin !== new URL(url).origin) {
      errors.push(`${url} asks for ${asked.href}`);
    }
  });
  await page.goto(url);
  const charts = await page.locator("[data-chart]").count();
  if (charts > 0) {
    await page
      .locator("canvas")
      .nth(charts - 1)
      .waitFor();
  }
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return page;
}

/** Elements that make a page wider than the window; those in a box that scrolls do not. */
export const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const scrolls = (box) => box !== null && (/auto|scroll/.test(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
    const wide = [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5 && !scrolls(one.parentElement))
      .map((one) => one.tagName + "." + one.getAttribute("class"));
    return ["the page is " + scrollWidth + " wide", ...wide];
  })()`);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with a page by WCAG 2.2 AA, each with the first element it is about. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }[];
  }>(`axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"],
  })`);
  return violations.map(({ id, nodes: [node] }) => `${id}: ${node?.html} ${node?.failureSummary}`);
}

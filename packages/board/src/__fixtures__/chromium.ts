import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

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

export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) {
    throw new Error("There is no Chromium on the PATH. Name one by LIGO_CHROMIUM.");
  }
  // a sandbox needs rights that containers do not have; pages are our own
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
}

export const WIDTHS = { phone: 390, desktop: 1180 } as const;

/** Opens a page, drawn to its end; errors of its scripts are thrown. */
export async function openPage(
  browser: Browser,
  url: string,
  { scheme = "light", width = WIDTHS.desktop }: { readonly scheme?: "light" | "dark"; readonly width?: number },
): Promise<Page> {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 844 } });
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (told) => {
    if (told.type() === "error") errors.push(told.text());
  });
  await page.goto(url);
  const charts = await page.locator("[data-chart]").count();
  if (charts > 0) await page.locator("canvas").nth(charts - 1).waitFor();
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return page;
}

/** Elements that make a page wider than the window; those in a box that scrolls do not. */
export const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5 && one.closest(".scroll, .command") === null)
      .map((one) => one.tagName + "." + one.getAttribute("class"));
    return ["the page is " + scrollWidth + " wide", ...wide];
  })()`);

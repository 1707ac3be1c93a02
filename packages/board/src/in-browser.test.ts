import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { comparisonReport, RESULTS_NAME, summarize, type ComparisonResults } from "@ligo/compare";
import { renderReport } from "@ligo/report";
import type { RunLock } from "@ligo/sdk/runs";
import {
  chromiumPath,
  faultsOf,
  isRequired,
  launch,
  openPage,
  overflowing,
  WIDTHS,
  type Browser,
} from "@ligo/vitest/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeComparison } from "./__fixtures__/made-comparison.js";
import { makeRun, metricLines } from "./__fixtures__/made-runs.js";
import { serveBoard, type Board } from "./server/serve-board.js";

// A real Chromium, of the system: LIGO_CHROMIUM names it, LIGO_REQUIRE_CHROMIUM=1 refuses to do without.

/** Pages by what they show: their path, and their title. */
const PAGES: Readonly<Record<string, readonly [path: string, title: RegExp]>> = {
  "all runs": ["/", /^2 running: /u],
  "a growth under way": ["/show/all/running", /^50 %: ligo: 2 layers × 8 → 4 layers × 12/u],
  "a finished growth": ["/show/all/finished", /^finished: ligo: 2 layers × 8 → 4 layers × 12/u],
  "a failed training": ["/show/all/failed", /^failed: Training 4 layers × 12/u],
  "a stopped training": ["/show/all/stopped", /^stopped: Training 4 layers × 12/u],
  "a comparison under way": [
    "/show/all/early",
    /^2 of 6: Tiny BERT: scratch, stack, ligo; 2 layers × 8 → 4 layers × 12/u,
  ],
  "a finished comparison": ["/show/all/compared", /^finished: Tiny BERT: scratch, stack, ligo/u],
  "a report": ["report", /^Tiny BERT: scratch, stack, ligo; 2 layers × 8 → 4 layers × 12$/u],
  "no runs": ["empty", /^Runs in /u],
};

describe.skipIf(chromiumPath === undefined && !isRequired)("in Chromium", () => {
  let browser: Browser;
  let [board, empty]: Board[] = [];
  let folder = "";
  let locks: readonly (RunLock | undefined)[] = [];
  const urlOf = (path: string): string => {
    if (path === "empty") return empty?.url ?? "";
    if (path === "report") return pathToFileURL(join(folder, "report.html")).href;
    return new URL(path, board?.url).href;
  };

  beforeAll(async () => {
    browser = await launch();
    folder = mkdtempSync(join(tmpdir(), "ligo-board-"));
    const all = join(folder, "all");
    const running = await makeRun(join(all, "running"), {
      state: "running",
      checkpoints: [10, 20],
    });
    await makeRun(join(all, "finished"), { state: "finished", done: 60 });
    await makeRun(join(all, "failed"), { command: "train", state: "failed", checkpoints: [30] });
    await makeRun(join(all, "stopped"), {
      command: "train",
      state: "killed",
      checkpoints: [10, 20],
    });
    await makeComparison(join(all, "compared"), { done: 6 });
    locks = [running, ...(await makeComparison(join(all, "early"), { done: 2 }))];
    const results = JSON.parse(
      readFileSync(join(all, "compared", RESULTS_NAME), "utf8"),
    ) as ComparisonResults;
    writeFileSync(
      join(folder, "report.html"),
      renderReport(comparisonReport(results, summarize(results))),
    );
    board = await serveBoard({ folders: [all], port: 0 });
    mkdirSync(join(folder, "none"));
    empty = await serveBoard({ folders: [join(folder, "none")], port: 0 });
  }, 120_000);

  afterAll(async () => {
    for (const lock of locks) await lock?.release();
    await board?.close();
    await empty?.close();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(Object.entries(PAGES))("the page of %s", (_, [path, title]) => {
    it.each([
      ["phone", "light"],
      ["desktop", "dark"],
    ] as const)(
      "can be read on a %s in %s: title, edges, WCAG 2.2 AA by axe",
      async (width, scheme) => {
        const page = await openPage(browser, urlOf(path), { scheme, width: WIDTHS[width] });
        expect(await page.title()).toMatch(title);
        expect(await overflowing(page)).toEqual([]);
        expect(await faultsOf(page)).toEqual([]);
        await page.close();
      },
    );
  });

  it("draws charts in the colours of the scheme, and anew when it changes", async () => {
    const page = await openPage(browser, urlOf("report"), { scheme: "light" });
    const shot = (): Promise<string> =>
      page.evaluate<string>(`document.querySelector("canvas").toDataURL()`);
    const light = await shot();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(shot).not.toBe(light);
    const ground = `getComputedStyle(document.querySelector(".chart")).backgroundColor`;
    expect(await page.evaluate(ground)).toBe("rgb(24, 28, 34)");
    await page.close();
  });

  it("follows a run without losing what the reader chose and opened", async () => {
    const run = join(folder, "all", "running");
    const page = await openPage(browser, urlOf("/show/all/running"), {});
    await page.getByText("live", { exact: true }).waitFor();
    await page.locator("#loss").getByText("FLOPs").click();
    await page.locator("summary").first().click();
    await appendFile(
      join(run, "metrics.jsonl"),
      metricLines("grow", 45, 60).slice(metricLines("grow", 30, 60).length),
    );
    await page.getByText("45 of 60").waitFor();
    expect(await page.title()).toMatch(/^75 %/u);
    expect(await page.locator('#loss input[value="FLOPs"]').isChecked()).toBe(true);
    expect(await page.locator("details[open]").count()).toBe(1);
    await page.close();
  });

  it("says when the board is gone", async () => {
    const other = await serveBoard({ folders: [join(folder, "none")], port: 0 });
    const page = await openPage(browser, other.url, {});
    await page.getByText("live", { exact: true }).waitFor();
    await other.close();
    await expect.poll(() => page.locator("#connection").textContent()).toMatch(/^not connected/u);
    await page.close();
  });
});

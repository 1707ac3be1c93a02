import { describe, expect, it } from "vitest";
import { renderReport } from "./render-report.js";
import type { Report } from "./report.js";

const REPORT: Report = {
  title: "Small & large",
  headline: 'ligo saved "most"',
  curves: [{ name: "</script><b>", points: [{ step: 0, flops: 0, seconds: 0, loss: 5 }] }],
  targetLoss: 3.5,
  tables: [{ caption: "Saved", rows: [["method"], ["<ligo>"]] }],
  notes: ["a < b"],
};

describe("renderReport", () => {
  it("writes texts so that they are read as texts", () => {
    const page = renderReport(REPORT);
    expect(page).toContain("<title>Small &amp; large</title>");
    expect(page).toContain('<p class="headline">ligo saved &quot;most&quot;</p>');
    expect(page).toContain("<thead><tr><th>method</th></tr></thead>");
    expect(page).toContain("<td>&lt;ligo&gt;</td>");
    expect(page).toContain("<li>a &lt; b</li>");
    expect(page).not.toContain("</script><b>");
  });

  it("holds curves, the line to reach and the unit, and needs nothing beside it", () => {
    const dataOf = (report: Report): unknown => {
      const [, json = ""] = /const report = (.*?);\n/u.exec(renderReport(report)) ?? [];
      return JSON.parse(json);
    };
    const { curves, targetLoss } = REPORT;
    expect(dataOf(REPORT)).toMatchObject({
      curves,
      targetLoss,
      unit: { name: "TFLOP", size: 1e12 },
    });
    const flopsUnit = { name: "EFLOP", size: 1e18 };
    expect(dataOf({ ...REPORT, flopsUnit })).toMatchObject({ unit: flopsUnit });
    const page = renderReport(REPORT);
    expect(page).toContain("uPlot");
    expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/u);
  });
});

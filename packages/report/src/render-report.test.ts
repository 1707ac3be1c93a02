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
    expect(page).toMatch(/<th scope="col">method<\/th>/u);
    expect(page).toContain("<td>&lt;ligo&gt;</td>");
    expect(page).toContain("<li>a &lt; b</li>");
    expect(page).not.toContain("</script><b>");
  });

  it("holds the curves and the line to reach as data of a chart, and needs nothing beside it", () => {
    const curve = { name: "a", points: REPORT.curves[0]?.points ?? [] };
    const page = renderReport({ ...REPORT, curves: [curve] });
    const [, json = ""] = /data-chart="(.*?)"/u.exec(page) ?? [];
    expect(JSON.parse(json.replaceAll("&quot;", '"'))).toMatchObject({
      series: [{ name: "a", at: { FLOPs: [0], time: [0], steps: [0] }, values: [5] }],
      levels: [{ name: "scratch's final loss", value: 3.5 }],
    });
    expect(page).toContain("uPlot");
    expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/u);
  });

  it("draws the models from small to large where their sizes are given", () => {
    const growth = { small: { layers: 2, width: 8 }, large: { layers: 4, width: 16 } };
    const page = renderReport({ ...REPORT, growth });
    expect(page.match(/<rect/gu)).toHaveLength(6);
    expect(page).toContain("4 layers × 16");
    expect(renderReport(REPORT)).not.toContain("<rect");
  });
});

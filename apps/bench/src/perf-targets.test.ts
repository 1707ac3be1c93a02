import { describe, expect, it } from "vitest";
import { perfTable } from "./perf-table.js";
import { metricsAgainst } from "./perf-targets.js";

const cases = {
  "ligo-small": {
    seconds: 0.5,
    flops: 1e11,
    fractionOfSgemm: 0.6,
    ratioToNaive: 0.7,
    ratioToTuned: 0.81,
  },
  grow: { seconds: 1.5, ratioToCopy: 4 },
  "start-up": { versionCpuSeconds: 0.2 },
};

describe("metricsAgainst", () => {
  it("holds fractions from below and everything else from above", () => {
    expect(metricsAgainst(cases).map(({ case: name, metric, met }) => [name, metric, met])).toEqual(
      [
        ["ligo-small", "fractionOfSgemm", false],
        ["ligo-small", "ratioToNaive", true],
        ["ligo-small", "ratioToTuned", false],
        // quicker than two seconds, so the ratio does not matter
        ["grow", "ratioToCopy", true],
        ["start-up", "versionCpuSeconds", false],
      ],
    );
    const slow = { grow: { seconds: 2.5, ratioToCopy: 4 } };
    expect(metricsAgainst(slow)).toMatchObject([{ met: false, value: 4, target: 3 }]);
  });
});

describe("perfTable", () => {
  it("shows every figure with a target as met or missed", () => {
    const text = perfTable({
      sgemmGflops: 300,
      machine: "a machine",
      versions: { node: "v20" },
      cases,
      checks: metricsAgainst(cases),
      peers: { tuned: { torch: "2.15", kernels: "all of MKL" } },
    });
    expect(text).toMatch(/ligo-small\s+0\.500\s+100\s+60 %\s+0\.70\s+0\.81/u);
    expect(text).toContain("peer, tuned: torch 2.15, kernels all of MKL");
    expect(text).toMatch(/ligo-small fractionOfSgemm\s+0\.6\s+at least 0\.65\s+missed/u);
    expect(text).toMatch(/grow ratioToCopy\s+4\s+at most 3\s+met/u);
  });
});

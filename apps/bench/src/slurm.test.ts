import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { slurmScript } from "./slurm.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs a script with an `sbatch` that notes the words it gets, and numbers jobs from 11. */
function submitted(script: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "ligo-slurm-"));
  folders.push(folder);
  const log = join(folder, "log");
  writeFileSync(
    join(folder, "sbatch"),
    `#!/bin/bash\nfor word in "$@"; do printf '%s\\0' "$word" >> ${log}; done\nprintf '\\n' >> ${log}\necho $((10 + $(wc -l < ${log})))\n`,
  );
  chmodSync(join(folder, "sbatch"), 0o755);
  writeFileSync(join(folder, "jobs.sh"), script);
  execFileSync("bash", [join(folder, "jobs.sh")], {
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` },
  });
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  return lines.map((line) => line.split("\0").slice(0, -1));
}

describe("slurmScript", () => {
  const flags = {
    data: ["texts/a b.txt", "c.txt"],
    scale: "mini",
    methods: "ligo,it's",
    resume: true,
    slurm: "3",
    sources: false,
  };

  it("submits the sources, then an array of cells, then the report", () => {
    const [sources = [], cells = [], report = [], ...more] = submitted(
      slurmScript("bert", flags, 3),
    );
    expect(more).toEqual([]);
    expect(cells).toContain("--dependency=afterok:11");
    expect(cells).toContain("--array=1-3");
    expect(report).toContain("--dependency=afterany:12");
    for (const words of [sources, cells, report]) expect(words).toContain("--requeue");
    expect(sources.at(-1)).toMatch(/ --resume --sources$/);
    expect(cells.at(-1)).toMatch(/ --resume --shard "\$SLURM_ARRAY_TASK_ID\/3"$/);
    expect(report.at(-1)).toMatch(/ --resume --report$/);
  });

  it("hands on what was asked for, whatever is in it, once", () => {
    const [sources = []] = submitted(slurmScript("bert", flags, 3));
    // what the job's shell makes of the line
    const words = execFileSync(
      "bash",
      ["-c", `npm() { printf '%s\\0' "$@"; }; ${sources.at(-1)}`],
      {
        encoding: "utf8",
      },
    ).split("\0");
    const asked = words.slice(words.indexOf("--") + 1, -1);
    expect(asked).toEqual([
      "bert",
      "--data",
      "texts/a b.txt",
      "--data",
      "c.txt",
      "--scale",
      "mini",
      "--methods",
      "ligo,it's",
      "--resume",
      "--sources",
    ]);
  });
});

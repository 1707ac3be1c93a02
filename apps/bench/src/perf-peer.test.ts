import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { STEP_CASES, type StepCase } from "./perf-cases.js";
import { measurePeer, PEER_WAYS, type PeerWay } from "./perf-peer.js";

/** A peer that says what it was asked for. */
const ECHO = `const asked = process.argv.slice(2).join(" ");
const kernels = process.env.LIGO_PEER_KERNELS ?? "all";
process.stdout.write(JSON.stringify({ best: 0.5, peak_gb: 2, loss: 9, asked, kernels }));`;

function echo(name: string, way: string): ReturnType<typeof measurePeer> {
  const program = join(temporaryFolder(), "peer.cjs");
  writeFileSync(program, ECHO);
  const [step, kind] = [STEP_CASES[name] as StepCase, PEER_WAYS[way] as PeerWay];
  return measurePeer([process.execPath, program], step, kind, 3);
}

describe("measurePeer", () => {
  it("asks for the shapes and the way, with all kernels", () => {
    expect(echo("ligo-base", "tuned")).toEqual({
      seconds: 0.5,
      peakMemoryBytes: 2e9,
      about: {
        asked: "--l1 6 --d1 512 --l2 12 --d2 768 --B 8 --T 128 --V 30522 --steps 4 --tuned",
        kernels: "all",
      },
    });
  });

  it("asks for a training step with the kernels as shipped", () => {
    const { asked, kernels } = echo("train-small", "published-as-shipped").about;
    expect(asked).toMatch(/--steps 4 --plain$/u);
    expect(kernels).toBe("as shipped");
  });
});

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bert } from "@ligo/bert";
import { afterEach } from "vitest";
import { runCli } from "../run-cli.js";
import type { CommandIo } from "../terminal/command-io.js";

/** Exit code and output of a command. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, with BERT at hand. */
export async function ligo(argv: readonly string[], io: Partial<CommandIo> = {}): Promise<Ran> {
  let [stdout, stderr] = ["", ""];
  const code = await runCli(argv, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    interactive: false,
    // tests see every step
    lineSeconds: 0,
    architectures: [bert],
    ...io,
  });
  return { code, stdout, stderr };
}

/** Runs a command with `--json` and returns its result; a failure throws what it said. */
export async function ligoJson<T>(
  argv: readonly string[],
  io: Partial<CommandIo> = {},
): Promise<T> {
  const { code, stdout, stderr } = await ligo([...argv, "--json"], io);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ligo-cli-"));
  folders.push(folder);
  return folder;
}

/** Names in a folder, sorted; the time in that of an event file is left out. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => name.replace(/^(events\.out\.tfevents)\.\d{10}\./, "$1."))
    .toSorted();
}

/** A checkpoint or file recorded from other people's software: Hugging Face transformers, the published LiGO code. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../../../bert/src/__fixtures__/${path}`, import.meta.url));
}

import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadTokenizer, openTokens, readTexts } from "@ligo/data";

/** What tokenising or reading a text took. */
export interface TextMeasurement {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  /** SHA-256 of the ids as little-endian int32. */
  readonly sha256?: string;
}

/** Ways to go through a text: ours, then those of the peer. */
export const TEXT_WAYS = [
  "ligo, read",
  "ligo",
  "peer, read",
  "tokenizers, 1 thread",
  "tokenizers, all threads",
  "datasets, 1 thread",
] as const;
export type TextWay = (typeof TEXT_WAYS)[number];

/** Writes texts one behind the other, again and again, until there are so many bytes. */
export function repeatTexts(texts: readonly string[], bytes: number, path: string): void {
  writeFileSync(path, "");
  const contents = texts.map((text) => readFileSync(text));
  if (contents.every(({ length }) => length === 0)) throw new Error(`${texts.join(", ")}: empty.`);
  while (statSync(path).size < bytes) {
    for (const content of contents) appendFileSync(path, content);
  }
}

/** Goes through a text in this process: reads it, or tokenises it by lines into a file as training does. */
export async function goThrough(
  text: string,
  tokenizerFolder: string | undefined,
): Promise<TextMeasurement> {
  const tokenizer =
    tokenizerFolder === undefined
      ? undefined
      : await loadTokenizer(tokenizerFolder, { requireMask: false });
  const cache = mkdtempSync(join(dirname(text), "tokens-"));
  try {
    const [started, used] = [performance.now(), process.cpuUsage()];
    let result: Pick<TextMeasurement, "sha256"> = {};
    if (tokenizer === undefined) {
      for await (const part of readTexts([text])) part.text.split("\n");
    } else {
      const { sha256 } = await openTokens([text], tokenizer, { unit: "lines", cache });
      result = { sha256 };
    }
    const { user, system } = process.cpuUsage(used);
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (user + system) / 1e6,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      ...result,
    };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

const PEER = fileURLToPath(new URL("../peers/tokens.py", import.meta.url));

/** Goes through a text in a process of its own. */
export function measureText(
  way: TextWay,
  text: string,
  tokenizer: string,
  { python, threads }: { readonly python: string; readonly threads: number },
): TextMeasurement {
  const own = [process.argv[1] ?? "", "--measure", text];
  const about = ["--text", text, "--tokenizer", tokenizer, "--threads"];
  const peer = (name: string, count: number): readonly string[] => [
    PEER,
    name,
    ...about,
    String(count),
  ];
  const commands: Readonly<Record<TextWay, readonly [string, readonly string[]]>> = {
    "ligo, read": [process.execPath, own],
    ligo: [process.execPath, [...own, "--tokenizer", tokenizer]],
    "peer, read": [python, peer("read", 1)],
    "tokenizers, 1 thread": [python, peer("tokenizers", 1)],
    "tokenizers, all threads": [python, peer("tokenizers", threads)],
    "datasets, 1 thread": [python, peer("datasets", 1)],
  };
  const [program, args] = commands[way];
  const lines = execFileSync(program, args, { encoding: "utf8" }).trimEnd().split("\n");
  return JSON.parse(lines.at(-1) ?? "") as TextMeasurement;
}

// `ligo` with BERT at hand, for tests that kill it. With LIGO_KILL_AT=<n> it gets a SIGKILL before its n-th operation that
// changes the disk, or in the middle of it where that is a write.
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { bert } from "@ligo/bert";
import { runCli } from "../../run-cli.js";
import { stopSignal } from "../../terminal/stop-signals.js";

const killAt = Number(process.env["LIGO_KILL_AT"] ?? Number.POSITIVE_INFINITY);
let operations = 0;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Whether this is the operation to die in. */
const isLast = (): boolean => ++operations === killAt;

type Method = (...args: unknown[]) => Promise<unknown>;

/** Replaces methods by ones that count, and die before they do anything. */
function count(target: object, names: readonly string[]): void {
  const methods = target as Record<string, Method>;
  for (const name of names) {
    const original = methods[name] as Method;
    methods[name] = async function counted(this: unknown, ...args) {
      if (isLast()) die();
      return original.apply(this, args);
    };
  }
}

/** Replaces methods that write by ones that count, and die with half of the bytes written. */
function countWrites(prototype: FileHandle): void {
  const methods = prototype as unknown as Record<"write" | "appendFile", Method>;
  const { write, appendFile } = methods;
  methods.write = async function counted(this: FileHandle, ...args) {
    if (!isLast()) return write.apply(this, args);
    const [bytes, offset, length, position] = args as [Uint8Array, number, number, number];
    await write.call(this, bytes, offset, Math.floor(length / 2), position);
    return die();
  };
  methods.appendFile = async function counted(this: FileHandle, ...args) {
    if (!isLast()) return appendFile.apply(this, args);
    const [bytes] = args as [Uint8Array];
    await appendFile.call(this, bytes.subarray(0, Math.floor(bytes.length / 2)));
    return die();
  };
}

const handle = await fs.open(process.execPath);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
countWrites(prototype);
count(prototype, ["sync", "truncate"]);
count(fs, ["copyFile", "link", "mkdir", "rename", "rm", "rmdir", "unlink", "writeFile"]);
syncBuiltinESMExports();

const signal = stopSignal(process);
process.exitCode = await runCli(process.argv.slice(2), { architectures: [bert], signal });

import { resolve } from "node:path";
import { serveBoard } from "@ligo/board";
import { boardSettings, check, type BoardSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";

/** Addresses that nobody else can reach. */
const OWN: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** `ligo board`: serves the page until it is told to stop. */
export async function board({ settings, sources }: Call, io: Terminal): Promise<void> {
  const { host, port } = check(boardSettings, settings as BoardSettings).settings;
  const folders = sources.length === 0 ? ["."] : sources;
  const served = await serveBoard({ folders, host, port });
  if (!OWN.has(host)) {
    io.stderr(`warning: whoever reaches ${host} can read these runs; there is no password.\n`);
  }
  io.stdout(`${served.url}\n`);
  const shown = folders.map((folder) => resolve(folder)).join(", ");
  io.stderr(`The board shows ${shown}. Ctrl-C stops it.\n`);
  await stopped(io.signal);
  await served.close();
}

/** Resolves when the signal is aborted. */
const stopped = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });

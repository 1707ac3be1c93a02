import type { DownloadEvent } from "@ligo/sdk";
import type { CommandIo } from "./command-io.js";
import { formatBytes, formatSeconds } from "@ligo/report";
import { REDRAWN } from "./safe-output.js";
import { firstThatFits } from "./terminal-line.js";

/** Milliseconds between two drawings of a line. */
const REDRAW = 200;
/** Bytes from which a file gets lines of its own where stderr is no terminal. */
const LARGE = 10_000_000;

/** Shows downloads on a command's stderr: on a terminal a line that is drawn over itself, else a line at the end of a file. */
export function createDownloadProgress(io: CommandIo): (event: DownloadEvent) => void {
  let file = "";
  let started = 0;
  let already = 0;
  let drawn = 0;
  return (event) => {
    const now = performance.now();
    const name = `${event.repository}/${event.file}`;
    const begins = name !== file;
    if (begins) {
      file = name;
      started = now;
      already = event.received;
      drawn = Number.NEGATIVE_INFINITY;
    }
    const last = event.received >= event.size;
    const seconds = (now - started) / 1000;
    const rate = seconds > 0 ? (event.received - already) / seconds : 0;
    const size = formatBytes(event.size);
    const speed = rate > 0 ? `, ${formatBytes(rate)}/s` : "";
    if (!io.interactive) {
      if (begins && !last && event.size >= LARGE) io.stderr(`downloading ${name}, ${size}\n`);
      if (last && !begins) io.stderr(`downloaded ${name}, ${size}${speed}\n`);
      return;
    }
    if (!last && now - drawn < REDRAW) return;
    drawn = now;
    const left =
      rate > 0 && !last ? `, ${formatSeconds((event.size - event.received) / rate)} left` : "";
    const amount = `${formatBytes(event.received)} of ${size}`;
    const lines = [
      `${name} ${amount}${speed}${left}`,
      `${name} ${amount}${left}`,
      `${name} ${amount}`,
      `${amount} ${name}`,
    ];
    io.stderr(`${REDRAWN}${firstThatFits(lines, io.columns?.())}${last ? "\n" : ""}`);
  };
}

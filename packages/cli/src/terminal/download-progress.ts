import type { DownloadEvent } from "@ligo/sdk";
import { formatBytes, formatSeconds } from "@ligo/report";
import type { Terminal } from "./terminal.js";

/** Milliseconds between two drawings of a line. */
const REDRAW = 200;
/** Bytes from which a file gets lines of its own where stderr is no terminal. */
const LARGE = 10_000_000;

/** Shows downloads on a command's stderr: on a terminal a line that is drawn over itself, else a line at the end of a file. */
export function createDownloadProgress(terminal: Terminal): (event: DownloadEvent) => void {
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
    if (!terminal.interactive) {
      if (begins && !last && event.size >= LARGE) terminal.note(`downloading ${name}, ${size}`);
      if (last && !begins) terminal.note(`downloaded ${name}, ${size}${speed}`);
      return;
    }
    if (!last && now - drawn < REDRAW) return;
    drawn = now;
    const left =
      rate > 0 && !last ? `, ${formatSeconds((event.size - event.received) / rate)} left` : "";
    const amount = `${formatBytes(event.received)} of ${size}`;
    terminal.live([
      `${name} ${amount}${speed}${left}`,
      `${name} ${amount}${left}`,
      `${name} ${amount}`,
      `${amount} ${name}`,
    ]);
    if (last) terminal.keep();
  };
}

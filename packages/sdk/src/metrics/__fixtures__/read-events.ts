import { readFileSync } from "node:fs";
import { maskedCrc32c } from "../crc32c.js";
import { encodeEvent, type Event } from "../event.js";

/** The events of a file as bytes, with the checksums of their records checked. */
export function readEvents(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const events: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(start));
    const data = bytes.subarray(start + 12, start + 12 + length);
    const checksums = [bytes.readUInt32LE(start + 8), bytes.readUInt32LE(start + 12 + length)];
    const expected = [maskedCrc32c(bytes.subarray(start, start + 8)), maskedCrc32c(data)];
    if (String(checksums) !== String(expected)) throw new Error(`${path}: bad checksum at ${start}`);
    events.push(data);
    start += 16 + length;
  }
  return events;
}

/** Seconds since 1970 that an event says it is of: its first field, a double. */
export const wallTimeOf = (event: Buffer): number => event.readDoubleLE(1);

/** An event's bytes. */
export const bytesOf = (event: Event): Buffer => Buffer.from(encodeEvent(event));

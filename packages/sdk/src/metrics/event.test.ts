import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeEvent, frameRecord, type Event } from "./event.js";

interface Recorded {
  readonly wallTime: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number | string>>;
}

interface RecordedFile {
  readonly start: number;
  readonly events: readonly Recorded[];
  /** Base64. */
  readonly file: string;
}

/** Files of PyTorch's SummaryWriter; tooling/fixtures/record-events.py made them. */
const { fresh, resumed } = JSON.parse(
  readFileSync(new URL("__fixtures__/events.json", import.meta.url), "utf8"),
) as { fresh: RecordedFile; resumed: RecordedFile & { purgeStep: number } };

const version = (wallTime: number): Event => ({ wallTime, fileVersion: "brain.Event:2" });
const first = (wallTime: number): Event => ({
  ...version(wallTime),
  writer: "tensorboard.summary.writer.event_file_writer",
});
const eventOf = ({ values, ...rest }: Recorded): Event => ({
  ...rest,
  values: Object.fromEntries(
    Object.entries(values).map(([tag, value]) => [
      tag,
      value === "inf" ? Number.POSITIVE_INFINITY : Number(value),
    ]),
  ),
});
const bytesOf = (events: readonly Event[]): string =>
  Buffer.concat(events.map((event) => frameRecord(encodeEvent(event)))).toString("base64");

describe("encodeEvent and frameRecord", () => {
  it("write the bytes of PyTorch's SummaryWriter", () => {
    expect(bytesOf([first(fresh.start), ...fresh.events.map(eventOf)])).toBe(fresh.file);
  });

  it("mark where a run starts again as PyTorch's does with purge_step", () => {
    const { events, file, purgeStep: step, start: wallTime } = resumed;
    // PyTorch names the version once more, with the step
    const again = { ...version(wallTime), step };
    const start = { wallTime, step, start: true };
    expect(bytesOf([first(wallTime), again, start, ...events.map(eventOf)])).toBe(file);
  });

  it("frame nothing too", () => {
    expect(frameRecord(new Uint8Array(0))).toHaveLength(16);
  });
});

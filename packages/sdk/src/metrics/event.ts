import { createProtobufWriter } from "@ligo/engine/protobuf";
import { maskedCrc32c } from "./crc32c.js";

/** One entry of an event file (TensorFlow's `event.proto`); what is left out is not written. */
export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** Updates done. */
  readonly step?: number;
  /** What the first entry of a file says: the version of the format. */
  readonly fileVersion?: string;
  /** What the first entry of a file says of who writes. */
  readonly writer?: string;
  /** Scalars by tag. */
  readonly values?: Readonly<Record<string, number>>;
  /** Whether a process starts here: entries of this step and of later ones in earlier files no longer count. */
  readonly start?: boolean;
}

/** `SessionLog.SessionStatus` of TensorFlow's `event.proto`. */
const SESSION_START = 1;

/** An event as Protocol Buffers, scalars as `simple_value`, which every version of TensorBoard shows. */
export function encodeEvent(event: Event): Uint8Array {
  const { wallTime, step = 0, fileVersion, writer, values, start } = event;
  const message = createProtobufWriter();
  message.double(1, wallTime);
  if (step !== 0) message.integer(2, step);
  if (fileVersion !== undefined) message.text(3, fileVersion);
  if (values !== undefined) {
    message.message(5, (summary) => {
      for (const [tag, value] of Object.entries(values)) {
        summary.message(1, (entry) => {
          entry.text(1, tag);
          entry.float(2, value);
        });
      }
    });
  }
  if (start === true) message.message(7, (session) => session.integer(1, SESSION_START));
  if (writer !== undefined) message.message(10, (source) => source.text(1, writer));
  return message.finish();
}

/** Bytes of a record before and after its data: length and checksum, checksum. */
const [HEADER, FOOTER] = [12, 4];

/** Data as one TFRecord: its length (64 bits), the checksum of that, the data, their checksum. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + data.length + FOOTER);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, HEADER);
  view.setUint32(HEADER + data.length, maskedCrc32c(data), true);
  return record;
}

import { describe, expect, it } from "vitest";
import { createProtobufWriter, type ProtobufWriter } from "./protobuf.js";

const bytesOf = (write: (writer: ProtobufWriter) => void): string => {
  const writer = createProtobufWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString("hex");
};

describe("createProtobufWriter", () => {
  // The first four are the examples of the Protocol Buffers encoding guide.
  it.each<[string, (writer: ProtobufWriter) => void, string]>([
    ["a varint", (w) => w.integer(1, 150), "089601"],
    ["a string", (w) => w.text(2, "testing"), "120774657374696e67"],
    ["a message", (w) => w.message(3, (inner) => inner.integer(1, 150)), "1a03089601"],
    ["a negative number", (w) => w.integer(1, -2), "08feffffffffffffffff01"],
    ["zero", (w) => w.integer(1, 0), "0800"],
    ["a field number of two bytes", (w) => w.integer(20, 7), "a00107"],
    ["a number beyond 32 bits", (w) => w.integer(1, 2 ** 40), "08808080808020"],
    ["a float", (w) => w.float(2, 1.5), "150000c03f"],
    ["a double", (w) => w.double(1, 1.5), "09000000000000f83f"],
    ["text beyond ASCII", (w) => w.text(1, "é€"), "0a05c3a9e282ac"],
    ["nothing", (w) => w.text(1, ""), "0a00"],
  ])("writes %s", (_name, write, expected) => {
    expect(bytesOf(write)).toBe(expected);
  });

  it("grows for long fields and keeps what came before", () => {
    const long = new Uint8Array(70_000).fill(7);
    const hex = bytesOf((writer) => {
      writer.integer(1, 1);
      writer.bytes(2, long);
      writer.integer(3, 3);
    });
    expect(hex).toBe(`080112f0a204${"07".repeat(70_000)}1803`);
  });
});

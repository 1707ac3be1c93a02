/** A minimal Protocol Buffers writer: just the wire types that ONNX and event files need. */
export interface ProtobufWriter {
  integer(field: number, value: number): void;
  float(field: number, value: number): void;
  double(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  message(field: number, write: (writer: ProtobufWriter) => void): void;
  finish(): Uint8Array;
}

const encoder = new TextEncoder();

/** An empty message to be filled field by field. */
export function createProtobufWriter(): ProtobufWriter {
  let buffer = new Uint8Array(256);
  let length = 0;

  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + count));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const varint = (value: number): void => {
    reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      buffer[length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    buffer[length++] = Number(rest);
  };
  const bytes = (field: number, value: Uint8Array): void => {
    varint(field * 8 + 2);
    varint(value.length);
    reserve(value.length);
    buffer.set(value, length);
    length += value.length;
  };
  return {
    integer(field, value) {
      varint(field * 8);
      varint(value);
    },
    float(field, value) {
      varint(field * 8 + 5);
      reserve(4);
      new DataView(buffer.buffer).setFloat32(length, value, true);
      length += 4;
    },
    double(field, value) {
      varint(field * 8 + 1);
      reserve(8);
      new DataView(buffer.buffer).setFloat64(length, value, true);
      length += 8;
    },
    text: (field, value) => bytes(field, encoder.encode(value)),
    bytes,
    message(field, write) {
      const inner = createProtobufWriter();
      write(inner);
      bytes(field, inner.finish());
    },
    finish: () => buffer.subarray(0, length),
  };
}

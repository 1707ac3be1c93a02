/** A struct of Thrift's compact protocol, in which parquet writes its footer and the headers of its pages. */
export interface ThriftStruct {
  readonly type: typeof STRUCT;
  readonly fields: ThriftField[];
}

export interface ThriftField {
  id: number;
  value: ThriftValue;
}

export interface ThriftList {
  readonly type: typeof LIST;
  /** Type of the items, and how many there are said to be. */
  of: number;
  count: number;
  readonly items: ThriftValue[];
}

export type ThriftValue =
  | ThriftStruct
  | ThriftList
  | { readonly type: typeof TRUE | typeof FALSE }
  | { readonly type: typeof BYTE; value: number }
  | { readonly type: typeof I16 | typeof I32 | typeof I64; value: bigint }
  | { readonly type: typeof DOUBLE; value: number }
  | { readonly type: typeof BINARY; value: Uint8Array };

export const TRUE = 1;
export const FALSE = 2;
export const BYTE = 3;
export const I16 = 4;
export const I32 = 5;
export const I64 = 6;
export const DOUBLE = 7;
export const BINARY = 8;
export const LIST = 9;
export const STRUCT = 12;

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

/** Reads a struct from a place on; `end` is the place behind it. Throws where there is none. */
export function readStruct(
  bytes: Uint8Array,
  start: number = 0,
): { readonly struct: ThriftStruct; readonly end: number } {
  const reader: Reader = { bytes: Buffer.from(bytes), at: start };
  const struct = structFrom(reader);
  return { struct, end: reader.at };
}

function varint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.bytes.readUInt8(reader.at++);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

const unzigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

function structFrom(reader: Reader): ThriftStruct {
  const fields: ThriftField[] = [];
  let id = 0;
  for (;;) {
    const head = reader.bytes.readUInt8(reader.at++);
    if (head === 0) return { type: STRUCT, fields };
    id = head >> 4 === 0 ? Number(unzigzag(varint(reader))) : id + (head >> 4);
    fields.push({ id, value: valueFrom(reader, head & 15, false) });
  }
}

function valueFrom(reader: Reader, type: number, inList: boolean): ThriftValue {
  switch (type) {
    case TRUE:
    case FALSE:
      return { type: inList ? (reader.bytes.readUInt8(reader.at++) === 1 ? TRUE : FALSE) : type };
    case BYTE:
      return { type, value: reader.bytes.readInt8(reader.at++) };
    case I16:
    case I32:
    case I64:
      return { type, value: unzigzag(varint(reader)) };
    case DOUBLE:
      reader.at += 8;
      return { type, value: reader.bytes.readDoubleLE(reader.at - 8) };
    case BINARY: {
      const length = Number(varint(reader));
      const start = reader.at;
      reader.at += length;
      if (reader.at > reader.bytes.length) throw new RangeError("a text that is cut off");
      return { type, value: reader.bytes.subarray(start, reader.at) };
    }
    case LIST: {
      const head = reader.bytes.readUInt8(reader.at++);
      const count = head >> 4 === 15 ? Number(varint(reader)) : head >> 4;
      const of = head & 15;
      const items = Array.from({ length: count }, () => valueFrom(reader, of, true));
      return { type, of, count, items };
    }
    case STRUCT:
      return structFrom(reader);
    default:
      throw new RangeError(`a value of the type ${type}`);
  }
}

/** Writes a struct, whatever its lists say of themselves. */
export function writeStruct(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  putStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

function putVarint(bytes: number[], value: bigint): void {
  let left = BigInt.asUintN(64, value);
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
}

const zigzag = (value: bigint): bigint => (value >= 0n ? value << 1n : (-value << 1n) - 1n);

function putStruct(bytes: number[], { fields }: ThriftStruct): void {
  let last = 0;
  for (const { id, value } of fields) {
    const step = id - last;
    if (step > 0 && step < 16) bytes.push((step << 4) | value.type);
    else {
      bytes.push(value.type);
      putVarint(bytes, zigzag(BigInt(id)));
    }
    last = id;
    putValue(bytes, value, false);
  }
  bytes.push(0);
}

function putValue(bytes: number[], value: ThriftValue, inList: boolean): void {
  switch (value.type) {
    case TRUE:
    case FALSE:
      if (inList) bytes.push(value.type);
      break;
    case BYTE:
      bytes.push(value.value & 0xff);
      break;
    case I16:
    case I32:
    case I64:
      putVarint(bytes, zigzag(value.value));
      break;
    case DOUBLE: {
      const number = Buffer.alloc(8);
      number.writeDoubleLE(value.value);
      bytes.push(...number);
      break;
    }
    case BINARY:
      putVarint(bytes, BigInt(value.value.length));
      for (const byte of value.value) bytes.push(byte);
      break;
    case LIST:
      if (value.count >= 0 && value.count < 15) bytes.push((value.count << 4) | value.of);
      else {
        bytes.push(0xf0 | value.of);
        putVarint(bytes, BigInt(value.count));
      }
      for (const item of value.items) putValue(bytes, item, true);
      break;
    case STRUCT:
      putStruct(bytes, value);
  }
}

import type { Random } from "@ligo/core";
import { byteMutators } from "./bytes.js";
import { chance, few, pick, type Mutator } from "./mutator.js";
import {
  BINARY,
  BYTE,
  DOUBLE,
  FALSE,
  I16,
  I32,
  I64,
  LIST,
  readStruct,
  STRUCT,
  TRUE,
  writeStruct,
  type ThriftField,
  type ThriftList,
  type ThriftStruct,
  type ThriftValue,
} from "./thrift.js";

const MAGIC = Buffer.from("PAR1");
/** The length of the footer, and the mark behind it. */
const TAIL = 8;

interface Parts {
  /** Mark and pages. */
  readonly pages: Uint8Array;
  readonly footer: ThriftStruct;
}

function takeApart(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < MAGIC.length + TAIL) return undefined;
  const length = Buffer.from(bytes).readUInt32LE(bytes.length - TAIL);
  const start = bytes.length - TAIL - length;
  if (start < 0) return undefined;
  try {
    return { pages: bytes.subarray(0, start), footer: readStruct(bytes, start).struct };
  } catch {
    return undefined;
  }
}

function putTogether({ footer, pages }: Parts, lengthOff: number = 0): Uint8Array {
  const written = writeStruct(footer);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE((written.length + lengthOff) >>> 0);
  return Buffer.concat([pages, written, tail, MAGIC]);
}

/** A value and the list or struct that it stands in. */
interface Place {
  readonly value: ThriftValue;
  readonly field?: { readonly of: ThriftField[]; readonly index: number };
}

function placesOf(struct: ThriftStruct): readonly Place[] {
  const found: Place[] = [];
  const visit = (place: Place): void => {
    found.push(place);
    const { value } = place;
    if (value.type === LIST) for (const item of value.items) visit({ value: item });
    if (value.type !== STRUCT) return;
    for (const [index, field] of value.fields.entries()) {
      visit({ value: field.value, field: { of: value.fields, index } });
    }
  };
  visit({ value: struct });
  return found;
}

const OTHER_INTEGERS: readonly ((value: bigint) => bigint)[] = [
  (value) => value + 1n,
  (value) => value - 1n,
  (value) => value * 2n,
  (value) => value / 2n,
  (value) => -value,
  () => 0n,
  () => 1n,
  () => 2n,
  () => 3n,
  () => 4n,
  () => 5n,
  () => 7n,
  () => 8n,
  () => -1n,
  () => 100n,
  () => 1_000_000n,
  () => 2n ** 31n - 1n,
  () => 2n ** 31n,
  () => 2n ** 40n,
  () => 2n ** 53n,
  () => 2n ** 62n,
  () => -(2n ** 31n),
];

function changeList(list: ThriftList, random: Random): void {
  const at = random.integer(list.items.length + 1);
  const item = list.items[Math.min(at, list.items.length - 1)];
  switch (random.integer(5)) {
    case 0:
      list.items.splice(at, 1);
      break;
    case 1:
      if (item !== undefined) list.items.splice(at, 0, item);
      break;
    case 2:
      if (item !== undefined) {
        list.items.splice(
          at,
          0,
          ...Array.from({ length: pick(random, [2, 10, 1000]) }, () => item),
        );
      }
      break;
    case 3:
      list.items.reverse();
      break;
    default:
      list.items.length = 0;
  }
  // a count that is not so is rare: nothing behind it can be read then
  list.count = chance(random, 0.1)
    ? list.items.length + pick(random, [-1, 1, 1000, 2 ** 31])
    : list.items.length;
}

function changeValue({ value, field }: Place, random: Random): void {
  switch (value.type) {
    case I16:
    case I32:
    case I64:
      value.value = pick(random, OTHER_INTEGERS)(value.value);
      break;
    case BINARY:
      value.value = pick(random, byteMutators)(value.value, random);
      break;
    case BYTE:
    case DOUBLE:
      value.value = pick(random, [0, -1, 1, 127]);
      break;
    case LIST:
      changeList(value, random);
      break;
    case TRUE:
    case FALSE:
      if (field !== undefined) {
        const { of, index } = field;
        (of[index] as ThriftField).value = { type: value.type === TRUE ? FALSE : TRUE };
      }
      break;
    case STRUCT:
      if (value.fields.length > 1) value.fields.splice(random.integer(value.fields.length), 1);
  }
}

/** Takes a field away, says it twice, or gives it another number or the value of another. */
function changeField({ of, index }: NonNullable<Place["field"]>, random: Random): void {
  const field = of[index] as ThriftField;
  switch (random.integer(5)) {
    case 0:
      of.splice(index, 1);
      break;
    case 1:
      of.splice(index, 0, { ...field });
      break;
    case 2:
      field.id += pick(random, [-1, 1, 2, 100]);
      break;
    case 3:
      field.value = { type: I64, value: BigInt(random.integer(1000)) };
      break;
    default:
      field.value = pick(random, of).value;
  }
}

function changeStruct(struct: ThriftStruct, random: Random): void {
  for (let left = few(random, 4); left > 0; left--) {
    const place = pick(random, placesOf(struct));
    if (place.field !== undefined && chance(random, 0.25)) changeField(place.field, random);
    else changeValue(place, random);
  }
}

/** The footer is another. */
const footer: Mutator = (bytes, random) => {
  const parts = takeApart(bytes);
  if (parts === undefined) return pick(random, byteMutators)(bytes, random);
  changeStruct(parts.footer, random);
  if (chance(random, 0.95)) return putTogether(parts);
  return putTogether(parts, pick(random, [-1, 1, -100, 100, 2 ** 31]));
};

/** Places of pages that a footer names: fields 9 (data) and 11 (dictionary) of the metadata (3) of a chunk. */
function pageOffsets(struct: ThriftStruct): readonly number[] {
  return placesOf(struct).flatMap(({ value }) => {
    if (value.type !== STRUCT || value.fields.length < 8) return [];
    return value.fields.flatMap(({ id, value: inner }) =>
      (id === 9 || id === 11) && inner.type === I64 ? [Number(inner.value)] : [],
    );
  });
}

/** The header of a page is another; pages behind it may then be elsewhere than the footer says. */
const pageHeader: Mutator = (bytes, random) => {
  const parts = takeApart(bytes);
  const offsets = parts === undefined ? [] : pageOffsets(parts.footer);
  if (offsets.length === 0) return footer(bytes, random);
  const start = pick(random, offsets);
  try {
    const { struct, end } = readStruct(bytes, start);
    changeStruct(struct, random);
    return Buffer.concat([bytes.subarray(0, start), writeStruct(struct), bytes.subarray(end)]);
  } catch {
    return pick(random, byteMutators)(bytes, random);
  }
};

/** The bytes of a page are others. */
const pageBytes: Mutator = (bytes, random) => {
  const parts = takeApart(bytes);
  if (parts === undefined) return pick(random, byteMutators)(bytes, random);
  const pages = Uint8Array.from(parts.pages);
  if (pages.length <= MAGIC.length) return bytes;
  for (let left = few(random); left > 0; left--) {
    const at = MAGIC.length + random.integer(pages.length - MAGIC.length);
    pages[at] = chance(random, 0.5)
      ? random.integer(256)
      : (pages[at] ?? 0) ^ (1 << random.integer(8));
  }
  return Buffer.concat([pages, bytes.subarray(parts.pages.length)]);
};

/** Changes of a parquet file: its footer, the headers of its pages, the pages themselves. */
export const parquetMutators: readonly Mutator[] = [
  ...Array.from({ length: 20 }, () => footer),
  ...Array.from({ length: 15 }, () => pageHeader),
  ...Array.from({ length: 10 }, () => pageBytes),
  ...byteMutators,
];

import type { Random } from "@ligo/core";
import { byteMutators } from "./bytes.js";
import { changeJson } from "./json.js";
import { chance, pick, type Mutator } from "./mutator.js";

interface Parts {
  readonly header: string;
  readonly data: Uint8Array;
}

const LENGTH_BYTES = 8;

/** A safetensors file taken apart; `undefined` where it is none any more. */
function takeApart(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const buffer = Buffer.from(bytes);
  const length = Number(buffer.readBigUInt64LE(0));
  if (length > bytes.length - LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + length;
  return { header: buffer.toString("utf8", LENGTH_BYTES, end), data: buffer.subarray(end) };
}

function putTogether({ data, header }: Parts, lengthOff: bigint = 0n): Uint8Array {
  const json = Buffer.from(header);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt.asUintN(64, BigInt(json.length) + lengthOff));
  return Buffer.concat([length, json, data]);
}

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
type Change = (parts: Parts, random: Random) => Parts;

/** Changes one tensor of the header. */
const inEntry =
  (change: (entry: Entry, random: Random, header: Record<string, Entry>) => void): Change =>
  ({ data, header }, random) => {
    let entries: Record<string, Entry> | null;
    try {
      entries = JSON.parse(header) as Record<string, Entry> | null;
    } catch {
      return { data, header };
    }
    if (typeof entries !== "object" || entries === null) return { data, header };
    const names = Object.keys(entries).filter((name) => name !== "__metadata__");
    const entry = names.length === 0 ? undefined : entries[pick(random, names)];
    if (Array.isArray(entry?.data_offsets) && Array.isArray(entry.shape)) {
      change(entry, random, entries);
    }
    return { data, header: JSON.stringify(entries) };
  };

const DTYPES =
  "F64 F32 F16 BF16 I64 I32 I16 I8 U8 U16 U32 U64 BOOL F8_E4M3 F8_E5M2 F4 C64 f32".split(" ");

const changes: readonly Change[] = [
  ({ data, header }, random) => ({ data, header: changeJson(header, random) ?? header }),
  ({ data, header }, random) => ({ data, header: changeJson(header, random) ?? header }),
  inEntry((entry, random) => void (entry.dtype = pick(random, DTYPES))),
  inEntry((entry, random) => {
    const end = random.integer(2);
    entry.data_offsets[end] = (entry.data_offsets[end] ?? 0) + pick(random, [-4, -2, -1, 1, 2, 4]);
  }),
  // other sizes of as many numbers
  inEntry((entry) => void entry.shape.reverse()),
  inEntry((entry) => void (entry.shape = [entry.shape.reduce((all, size) => all * size, 1)])),
  inEntry((entry, random) => void entry.shape.splice(random.integer(3), 0, 1)),
  inEntry((entry, random) => void entry.shape.push(pick(random, [0, 2 ** 32, 2 ** 53, -1, 2]))),
  inEntry((entry) => void (entry.data_offsets = [entry.data_offsets[1], entry.data_offsets[0]])),
  // two tensors that change their bytes
  inEntry((entry, random, header) => {
    const other = pick(random, Object.values<Entry | null>(header));
    if (typeof other !== "object" || other === null) return;
    const offsets = entry.data_offsets;
    entry.data_offsets = other.data_offsets;
    other.data_offsets = offsets;
  }),
  ({ data, header }, random) => ({ data: pick(random, byteMutators)(data, random), header }),
  ({ data, header }, random) => ({
    header,
    data: Buffer.concat([data, Buffer.alloc(1 + random.integer(16))]),
  }),
  // spaces after the header, as the format allows; and before it, as it does not
  ({ data, header }, random) => ({ data, header: header + " ".repeat(1 + random.integer(9)) }),
  ({ data, header }, random) => ({ data, header: pick(random, [" ", "\n", "\uFEFF"]) + header }),
];

const structure: Mutator = (bytes, random) => {
  const parts = takeApart(bytes);
  if (parts === undefined) return pick(random, byteMutators)(bytes, random);
  const changed = pick(random, changes)(parts, random);
  if (chance(random, 0.9)) return putTogether(changed);
  return putTogether(changed, pick(random, [-1n, 1n, -8n, 8n, 2n ** 31n, 2n ** 53n, 2n ** 63n]));
};

/** Changes of a safetensors file: its header, its length, its data. */
export const safetensorsMutators: readonly Mutator[] = [
  ...Array.from({ length: 40 }, () => structure),
  ...byteMutators,
];

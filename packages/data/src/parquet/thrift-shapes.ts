/** What a value must be; a list of one element stands for a list of such. */
type Kind = "number" | "bigint" | "boolean" | "bytes" | "any" | Shape | readonly [Kind];

/** Fields of a struct by number, as `parquet.thrift` has them; those not listed are passed over. */
interface Shape {
  readonly required: Readonly<Record<number, Kind>>;
  readonly optional: Readonly<Record<number, Kind>>;
}

/** A struct as hyparquet reads it: a field is called `field_` and its number. */
type Struct = Readonly<Record<string, unknown>>;

const keyValue: Shape = { required: { 1: "bytes" }, optional: { 2: "bytes" } };

const statistics: Shape = {
  required: {},
  optional: {
    1: "bytes",
    2: "bytes",
    3: "bigint",
    4: "bigint",
    5: "bytes",
    6: "bytes",
    7: "boolean",
    8: "boolean",
  },
};

const sizes: Shape = { required: {}, optional: { 1: "bigint", 2: ["bigint"], 3: ["bigint"] } };

const encodingStatistics: Shape = {
  required: { 1: "number", 2: "number", 3: "number" },
  optional: {},
};

const columnMetadata: Shape = {
  required: {
    1: "number",
    2: ["number"],
    3: ["bytes"],
    4: "number",
    5: "bigint",
    6: "bigint",
    7: "bigint",
    9: "bigint",
  },
  optional: {
    8: [keyValue],
    10: "bigint",
    11: "bigint",
    12: statistics,
    13: [encodingStatistics],
    14: "bigint",
    15: "number",
    16: sizes,
  },
};

const columnChunk: Shape = {
  required: { 2: "bigint" },
  optional: { 1: "bytes", 3: columnMetadata, 4: "bigint", 5: "number", 6: "bigint", 7: "number" },
};

const sorting: Shape = { required: { 1: "number", 2: "boolean", 3: "boolean" }, optional: {} };

const rowGroup: Shape = {
  required: { 1: [columnChunk], 2: "bigint", 3: "bigint" },
  optional: { 4: [sorting], 5: "bigint", 6: "bigint", 7: "number" },
};

const schemaElement: Shape = {
  required: { 4: "bytes" },
  optional: {
    1: "number",
    2: "number",
    3: "number",
    5: "number",
    6: "number",
    7: "number",
    8: "number",
    9: "number",
    10: "any",
  },
};

/** `FileMetaData`: the footer. */
export const FILE: Shape = {
  required: { 1: "number", 2: [schemaElement], 3: "bigint", 4: [rowGroup] },
  optional: { 5: [keyValue], 6: "bytes", 7: ["any"] },
};

const dataPage: Shape = {
  required: { 1: "number", 2: "number", 3: "number", 4: "number" },
  optional: { 5: statistics },
};

const dictionaryPage: Shape = {
  required: { 1: "number", 2: "number" },
  optional: { 3: "boolean" },
};

const dataPageV2: Shape = {
  required: { 1: "number", 2: "number", 3: "number", 4: "number", 5: "number", 6: "number" },
  optional: { 7: "boolean", 8: statistics },
};

/** `PageHeader`. */
export const PAGE: Shape = {
  required: { 1: "number", 2: "number", 3: "number" },
  optional: { 4: "number", 5: dataPage, 7: dictionaryPage, 8: dataPageV2 },
};

/**
 * Checks that a struct has the fields it must have and that all it has are of their types: hyparquet itself takes whatever
 * stands there. Throws an `Error` that names the field by its numbers, `4.1.3`.
 */
export function checkShape(struct: unknown, { optional, required }: Shape, path: string): void {
  const fields = struct as Struct;
  for (const [number, kind] of Object.entries(required)) {
    checkKind(fields[`field_${number}`], kind, `${path}.${number}`);
  }
  for (const [number, kind] of Object.entries(optional)) {
    const value = fields[`field_${number}`];
    if (value !== undefined) checkKind(value, kind, `${path}.${number}`);
  }
}

function checkKind(value: unknown, kind: Kind, path: string): void {
  if (!isOf(value, kind)) throw new Error(`its field ${path} is missing or of another type`);
  if (typeof kind === "string") return;
  if (isList(kind)) for (const one of value as readonly unknown[]) checkKind(one, kind[0], path);
  else checkShape(value, kind, path);
}

const isList = (kind: Shape | readonly [Kind]): kind is readonly [Kind] => Array.isArray(kind);

function isOf(value: unknown, kind: Kind): boolean {
  if (kind === "any") return value !== undefined;
  if (kind === "bytes") return value instanceof Uint8Array;
  if (typeof kind === "string") return typeof value === kind;
  if (isList(kind)) return Array.isArray(value);
  const isPlain = typeof value === "object" && value !== null;
  return isPlain && !Array.isArray(value) && !(value instanceof Uint8Array);
}

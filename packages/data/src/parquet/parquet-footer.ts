import {
  parquetMetadata,
  parquetSchema,
  type ColumnMetaData,
  type FileMetaData,
  type SchemaTree,
} from "hyparquet";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import type { ByteSource } from "./byte-source.js";
import { checkShape, FILE } from "./thrift-shapes.js";
import { wholeNumber } from "./whole-number.js";

/** A column as it is stored: the leaf of a struct or a list, or a plain column. */
export interface Leaf {
  /** From the root of the schema down. */
  readonly path: readonly [SchemaTree, ...SchemaTree[]];
  /** Names from the column down. */
  readonly names: readonly string[];
  /** Place among the columns of every row group. */
  readonly index: number;
  readonly levels: Levels;
}

/** The highest levels that a column has. */
export interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

/** A column chunk: where its pages are, and how many values they hold. */
export interface Chunk {
  readonly codec: ColumnMetaData["codec"];
  readonly start: number;
  readonly end: number;
  readonly values: number;
}

export interface RowGroupFacts {
  readonly rows: number;
  /** One for each leaf. */
  readonly chunks: readonly Chunk[];
}

/** A checked footer. */
export interface Footer {
  readonly schema: SchemaTree;
  readonly leaves: readonly Leaf[];
  readonly groups: readonly RowGroupFacts[];
  readonly properties: Readonly<Record<string, string>>;
}

const MAGIC = "PAR1";
/** The length of the footer and the magic behind it. */
const TAIL_BYTES = 8;

/**
 * Reads the footer of a parquet file and checks it against itself and the file: rows of the file, its groups and their columns
 * agree, every chunk lies before the footer, every leaf of the schema is where the groups have it. Throws an `Error`.
 */
export function readFooter(source: ByteSource): Footer {
  const metadata = readMetadata(source);
  const schema = parquetSchema(metadata);
  if (schema.count !== metadata.schema.length) throw new Error("its schema has loose ends");
  const leaves = leavesOf(schema);
  const dataEnd = source.size - TAIL_BYTES - metadata.metadata_length;
  const groups = metadata.row_groups.map((group, index) => {
    const rows = wholeNumber(group.num_rows, `the rows of row group ${index}`);
    if (group.columns.length !== leaves.length) {
      throw new Error(
        `row group ${index} has ${group.columns.length} columns, the schema ${leaves.length}`,
      );
    }
    const chunks = leaves.map((leaf) => chunkOf(group.columns[leaf.index], leaf, rows, dataEnd));
    return { rows, chunks };
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const said = wholeNumber(metadata.num_rows, "its rows");
  if (said !== rows)
    throw new Error(`it says that it has ${said} rows, its row groups have ${rows}`);
  const properties = new Map<string, string>();
  for (const { key, value = "" } of metadata.key_value_metadata ?? []) properties.set(key, value);
  return { schema, leaves, groups, properties: Object.fromEntries(properties) };
}

function readMetadata(source: ByteSource): FileMetaData {
  const { size } = source;
  if (size < MAGIC.length + TAIL_BYTES) throw new Error("it is too short");
  const tail = Buffer.from(source.read(size - TAIL_BYTES, TAIL_BYTES));
  if (tail.toString("latin1", 4) !== MAGIC) throw new Error(`it does not end in ${MAGIC}`);
  const length = tail.readUInt32LE(0);
  if (length > size - MAGIC.length - TAIL_BYTES) {
    throw new Error(`its footer of ${length} bytes does not fit into its ${size}`);
  }
  const offset = size - TAIL_BYTES - length;
  const footer = source.read(offset, length + TAIL_BYTES);
  const view = new DataView(footer.buffer, 0, length);
  checkShape(deserializeTCompactProtocol({ view, offset: 0 }), FILE, "footer");
  return parquetMetadata(footer, { geoparquet: false });
}

function leavesOf(schema: SchemaTree): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (path: readonly [SchemaTree, ...SchemaTree[]], node: SchemaTree): void => {
    for (const child of node.children) {
      if (child.element.repetition_type === undefined) {
        throw new Error(`column ${child.path.join(".")} is neither required nor optional`);
      }
      walk([...path, child], child);
    }
    if (node.children.length > 0) return;
    const names = node.path;
    if (node.element.type === undefined) throw new Error(`column ${names.join(".")} has no type`);
    const levels = {
      definition: getMaxDefinitionLevel([...path]),
      repetition: getMaxRepetitionLevel([...path]),
    };
    leaves.push({ path, names, index: leaves.length, levels });
  };
  if (schema.children.length === 0) throw new Error("it has no columns");
  walk([schema], schema);
  return leaves;
}

function chunkOf(
  column: FileMetaData["row_groups"][number]["columns"][number] | undefined,
  { levels, names, path }: Leaf,
  rows: number,
  dataEnd: number,
): Chunk {
  const name = names.join(".");
  const meta = column?.meta_data;
  if (column === undefined || meta === undefined || column.crypto_metadata !== undefined) {
    throw new Error(`column ${name} has no metadata that can be read`);
  }
  if (column.file_path) throw new Error(`column ${name} is in another file, ${column.file_path}`);
  if (meta.path_in_schema.join("\0") !== names.join("\0") || meta.type !== typeOf(path)) {
    throw new Error(`column ${name} of the schema is ${meta.path_in_schema.join(".")} in the data`);
  }
  const values = wholeNumber(meta.num_values, `the values of column ${name}`);
  if (values < rows || (levels.repetition === 0 && values > rows)) {
    throw new Error(`column ${name} has ${values} values in a row group of ${rows} rows`);
  }
  checkHistogram(meta.size_statistics?.definition_level_histogram, levels.definition, name);
  checkHistogram(meta.size_statistics?.repetition_level_histogram, levels.repetition, name);
  const size = wholeNumber(meta.total_compressed_size, `the size of column ${name}`);
  const data = wholeNumber(meta.data_page_offset, `the place of column ${name}`);
  const dictionary = wholeNumber(meta.dictionary_page_offset ?? 0n, `the place of column ${name}`);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = start + size;
  if (rows > 0 && (start < MAGIC.length || end > dataEnd)) {
    throw new Error(`column ${name} lies in the bytes ${start} to ${end}, beyond the data`);
  }
  return { codec: meta.codec, start, end, values };
}

const typeOf = (path: Leaf["path"]): string | undefined => path.at(-1)?.element.type;

function checkHistogram(
  counts: readonly unknown[] | undefined,
  highest: number,
  name: string,
): void {
  if (counts === undefined || counts.length === 0 || counts.length === highest + 1) return;
  throw new Error(`column ${name} counts ${counts.length} levels, it has ${highest + 1}`);
}

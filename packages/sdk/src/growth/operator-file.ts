import {
  encodeOperator,
  type Matrix,
  type Operator,
  type Plan,
  type StoredOperator,
} from "@ligo/core";
import {
  checkOperatorNumbers,
  decodeOperatorHeader,
  decodeRows,
  isRowTensor,
  type MatrixShape,
  type OperatorHeader,
  type StoredRows,
} from "@ligo/core/operator";
import type { RowGrowth } from "@ligo/core/stream";
import {
  copyIntoFolder,
  lazyFile,
  openSafetensors,
  writeSafetensors,
  type SafetensorsFile,
} from "@ligo/checkpoint";
import { join } from "node:path";
import { withFile } from "../models/with-file.js";

/** Name of the operator in an output folder. */
export const OPERATOR_NAME = "operator.safetensors";

/** An operator file, open. */
export interface OpenedOperator extends StoredOperator {
  readonly file: string;
  close(): Promise<void>;
}

/** Works with an operator file that is open; with none where there is no name. */
export async function withOperatorFile<T>(
  plan: Plan,
  file: string | undefined,
  work: (operator: OpenedOperator | undefined) => Promise<T>,
): Promise<T> {
  const opened = file === undefined ? undefined : await openOperator(plan, file);
  try {
    return await work(opened);
  } finally {
    await opened?.close();
  }
}

/** Opens an `operator.safetensors` and checks its header against a plan. The caller closes it. */
async function openOperator(plan: Plan, file: string): Promise<OpenedOperator> {
  const { header, opened } = await openHeader(plan, file);
  return {
    ...header,
    file,
    async read(name, into, start) {
      await opened.read(name, into, start);
    },
    check(name, numbers, start) {
      const shape = header.tensors.get(name) as MatrixShape;
      withFile(file, () => checkOperatorNumbers(name, shape, numbers, start));
    },
    close: () => opened.close(),
  };
}

/** Reads an `operator.safetensors` whole. */
export async function readOperator(plan: Plan, file: string): Promise<Operator> {
  const { header, opened } = await openHeader(plan, file);
  try {
    const tensors = new Map<string, Matrix>();
    for (const [name, shape] of header.tensors) {
      const data = await opened.read(name);
      withFile(file, () => checkOperatorNumbers(name, shape, data));
      tensors.set(name, { ...shape, data });
    }
    return { ...header, tensors };
  } finally {
    await opened.close();
  }
}

/** What an operator file says of new rows, by space. */
export async function readStoredRows(file: string): Promise<ReadonlyMap<string, StoredRows>> {
  const opened = await openSafetensors(file);
  try {
    const tensors = new Map<string, Float32Array>();
    for (const name of opened.tensors.keys())
      if (isRowTensor(name)) tensors.set(name, await opened.read(name));
    return withFile(file, () => decodeRows(opened.metadata, tensors));
  } finally {
    await opened.close();
  }
}

async function openHeader(
  plan: Plan,
  file: string,
): Promise<{ header: OperatorHeader; opened: SafetensorsFile }> {
  const opened = await openSafetensors(file);
  try {
    const { metadata, tensors } = opened;
    return { header: withFile(file, () => decodeOperatorHeader(plan, metadata, tensors)), opened };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The numbers of an operator; those of a file are read. */
export async function operatorInMemory(
  plan: Plan,
  operator: Operator | OpenedOperator,
): Promise<Operator> {
  return "file" in operator ? readOperator(plan, operator.file) : operator;
}

/** Reads an operator that lies beside a grown checkpoint, blocking. */
export function readOperatorSync(plan: Plan, file: string): Operator {
  const { metadata, tensors } = lazyFile(file);
  const header = withFile(file, () => decodeOperatorHeader(plan, metadata, tensors));
  const matrices = [...header.tensors].map(([name, shape]): [string, Matrix] => {
    // operators are written as F32
    const data = tensors.get(name)?.data as Float32Array;
    return [name, { ...shape, data }];
  });
  return { ...header, tensors: new Map(matrices) };
}

/**
 * Writes `operator.safetensors` into a folder; one that is a file already is copied.
 *
 * @param rows how rows of tables grow before it. Default: none do
 */
export async function writeOperator(
  folder: string,
  operator: Operator | OpenedOperator,
  rows: readonly RowGrowth[] = [],
): Promise<void> {
  const path = join(folder, OPERATOR_NAME);
  if ("file" in operator) return copyIntoFolder(operator.file, path);
  const { metadata, tensors } = encodeOperator(operator, rows);
  await writeSafetensors(
    path,
    [...tensors].map(([name, { rows, columns, data }]) => ({
      name,
      shape: [rows, columns],
      data: () => data,
    })),
    { metadata },
  );
}

import { OperatorError } from "../errors/operator-error.js";
import { nearestName } from "../nearest-name.js";
import { checkForm, operatorTensors, type OperatorTensorInfo } from "./operator-tensors.js";
import { givenName, isGivenUnits, unitColumns } from "./given-units.js";
import { findNotFinite } from "./not-finite.js";
import { encodeRows, isRowTensor, ROWS_ENTRY } from "./row-tensors.js";
import { decodeNumber, oneOf, wrongMetadata } from "./operator-metadata.js";
import { decodeStarts, encodeStarts, placesStarts, tellsUnits } from "./starts-metadata.js";
import type { Matrix, MatrixShape, Operator, OperatorForm, Order, WidthScope } from "./operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import type { RowGrowth } from "../plan/row-growth.js";
import { formatShape } from "../shape.js";

/** The `format` entry of an operator file's metadata. */
export const OPERATOR_FORMAT = "ligo.operator";
/** The newest `format_version`. An operator is written as the oldest that says all of it; all are read. */
export const OPERATOR_FORMAT_VERSION = "4";

/**
 * The first version: width, reading and depth maps of one or more terms. An operator that needs no more is written as it,
 * so that older versions of this package can read it. Version 2 adds coefficients of parameters outside stacks, entries
 * that start from scratch (`fresh_seed`, `fresh_deviation`), what is added to those of new units (`perturbation_seed`,
 * `perturbation_deviation`), a scale for the epsilon of norms (`norm_epsilon_scale`), maps of what scales a space, the
 * width scope `block` with its mixing of kinds, and new rows of tables (`rows`). Version 3 adds entries that start afresh by their
 * places (`fresh_rule`, `fresh_layers`, `fresh_read_power`), deviations in units of the source's own (`fresh_relative`,
 * `perturbation_relative`), and a factor of what reads grown spaces (`read_power`). Version 4 adds what new units write
 * (`fresh.<tensor>`), and the new units that start afresh where others are copies (`fresh_units`).
 */
const FIRST_VERSION = "1";
const SECOND_VERSION = "2";
const THIRD_VERSION = "3";

/** An operator as `operator.safetensors` holds it. */
export interface EncodedOperator {
  readonly metadata: Record<string, string>;
  readonly tensors: Map<string, Matrix>;
}

/** A tensor as read from a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Metadata and tensors of an operator file. `terms` is only written where there is more than one.
 *
 * @param rows how rows of tables are made before the operator is applied. Default: none grow
 */
export function encodeOperator(
  operator: Operator,
  rows: readonly RowGrowth[] = [],
): EncodedOperator {
  const { architecture, order, widthScope, terms, tensors, normEpsilonScale } = operator;
  const ofRows = encodeRows(rows);
  return {
    metadata: {
      format: OPERATOR_FORMAT,
      format_version: oldestVersion(operator, rows),
      architecture,
      order,
      width_scope: widthScope,
      ...(terms > 1 ? { terms: String(terms) } : {}),
      ...encodeStarts(operator),
      ...(normEpsilonScale === undefined ? {} : { norm_epsilon_scale: String(normEpsilonScale) }),
      ...ofRows.metadata,
    },
    tensors: new Map([...tensors, ...ofRows.tensors]),
  };
}

/** The oldest version that says all there is to an operator. */
function oldestVersion(operator: Operator, rows: readonly RowGrowth[]): string {
  const isNewest = tellsUnits(operator) || [...operator.tensors.keys()].some(isGivenUnits);
  if (isNewest) return OPERATOR_FORMAT_VERSION;
  if (placesStarts(operator)) return THIRD_VERSION;
  return rows.length === 0 && isFirstVersion(operator) ? FIRST_VERSION : SECOND_VERSION;
}

/** Whether version 1 says all there is to an operator. Parameters outside stacks have no `{i}` in their name. */
function isFirstVersion(operator: Operator): boolean {
  const { fresh, normEpsilonScale, perturbation, tensors, widthScope } = operator;
  return (
    widthScope !== "block" &&
    fresh === undefined &&
    perturbation === undefined &&
    normEpsilonScale === undefined &&
    [...tensors.keys()].every((name) => !/^(?:term\.\d+\.)?(?:depth\.[^{]*$|elem\.)/.test(name))
  );
}

/** An operator file without its numbers. */
export interface OperatorHeader extends Omit<Operator, "tensors"> {
  readonly tensors: ReadonlyMap<string, MatrixShape>;
}

/**
 * Checks the header of an operator file against a plan: metadata, names and shapes. `read` and `elem` maps, and those
 * of spaces that carry others, are optional, but complete for a space or absent.
 *
 * Throws an {@link OperatorError}: `operator/metadata`, `operator/architecture`, `operator/form`,
 * `operator/unknown-tensor`, `operator/missing-tensor` or `operator/wrong-shape`.
 */
export function decodeOperatorHeader(
  plan: Plan,
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Pick<StoredTensor, "shape">>,
): OperatorHeader {
  const form = decodeForm(metadata);
  if (metadata["architecture"] !== plan.architecture) {
    throw wrongMetadata(
      "operator/architecture",
      "architecture",
      plan.architecture,
      metadata["architecture"],
    );
  }
  const terms = decodeTerms(metadata["terms"]);
  const isFirst = metadata["format_version"] === FIRST_VERSION;
  const allowed = operatorTensors(plan, form, {
    terms,
    separateRead: true,
    separateElem: new Set(isFirst ? [] : Object.keys(plan.target.spaces)),
    carried: true,
    outsideStacks: !isFirst,
  });
  const hasRows = !isFirst && metadata[ROWS_ENTRY] !== undefined;
  const hasGiven = metadata["format_version"] === OPERATOR_FORMAT_VERSION;
  const given = hasGiven ? givenShapes(plan, tensors) : new Map<string, MatrixShape>();
  for (const name of tensors.keys()) {
    if (!allowed.has(name) && !given.has(name) && !(hasRows && isRowTensor(name)))
      throw unknownTensor(plan, name, allowed);
  }
  const isCarried = ({ kind, space = "" }: OperatorTensorInfo): boolean =>
    kind === "width" && plan.target.spaces[space]?.carries !== undefined;
  const isSeparate = (info: OperatorTensorInfo): boolean =>
    info.kind === "read" || info.kind === "elem" || isCarried(info);
  const group = (info: OperatorTensorInfo): string => `${info.kind}.${info.term}.${info.space}`;
  const separate = new Set(
    [...allowed]
      .filter(([name, info]) => isSeparate(info) && tensors.has(name))
      .map(([, info]) => group(info)),
  );

  const decoded = new Map<string, MatrixShape>();
  for (const [name, info] of allowed) {
    if (isSeparate(info) && !separate.has(group(info))) continue;
    const isOptional = info.kind === "depth" && info.stack === undefined;
    if (isOptional && !tensors.has(name)) continue;
    decoded.set(name, checkShape(name, info, tensors.get(name)?.shape));
  }
  const later = isFirst ? {} : decodeLaterVersions(plan, metadata);
  if (given.size > 0 && later.fresh?.places?.rule !== "lossless")
    throw wrongMetadata("operator/metadata", "fresh_rule", "lossless", metadata["fresh_rule"]);
  return {
    architecture: plan.architecture,
    ...form,
    terms,
    tensors: new Map([...decoded, ...given]),
    ...later,
  };
}

/** The shapes of what new units write, checked against the plan's. Throws `operator/wrong-shape`. */
function givenShapes(
  plan: Plan,
  tensors: ReadonlyMap<string, Pick<StoredTensor, "shape">>,
): ReadonlyMap<string, MatrixShape> {
  const spaces = plannedSpaces(plan);
  const found = new Map<string, MatrixShape>();
  for (const tensor of plan.tensors) {
    const name = givenName(tensor.name);
    const shape = tensors.get(name)?.shape;
    const place = shape === undefined ? undefined : unitColumns(tensor, spaces);
    if (shape === undefined || place === undefined) continue;
    const [rows = 0, columns = 0] = shape;
    const [most, channels] = [place.units.length, tensor.shape[place.outAxis] ?? 0];
    if (shape.length !== 2 || rows < 1 || rows > most || columns !== channels)
      throw wrongShape(name, `[1 to ${most}, ${channels}]`, formatShape(shape));
    found.set(name, { rows, columns });
  }
  return found;
}

/** Metadata that later versions add. */
function decodeLaterVersions(
  plan: Plan,
  metadata: Readonly<Record<string, string>>,
): Pick<Operator, "fresh" | "normEpsilonScale" | "perturbation" | "readPower"> {
  const scale = decodeNumber(metadata, "norm_epsilon_scale", "a number above 0");
  if (scale === 0) {
    const key = "norm_epsilon_scale";
    throw wrongMetadata("operator/metadata", key, "a number above 0", metadata[key]);
  }
  const version = metadata["format_version"];
  const placed = version === SECOND_VERSION ? undefined : plan;
  return {
    ...decodeStarts(metadata, placed, version === OPERATOR_FORMAT_VERSION),
    ...(scale === undefined ? {} : { normEpsilonScale: scale }),
  };
}

/**
 * Checks an operator file against a plan, as {@link decodeOperatorHeader} does, and that every number is finite:
 * `operator/not-finite`.
 */
export function decodeOperator(
  plan: Plan,
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, StoredTensor>,
): Operator {
  const header = decodeOperatorHeader(plan, metadata, tensors);
  const decoded = new Map<string, Matrix>();
  for (const [name, shape] of header.tensors) {
    const { data } = tensors.get(name) as StoredTensor;
    decoded.set(name, { ...shape, data: checkOperatorNumbers(name, shape, data) });
  }
  return { ...header, tensors: decoded };
}

/**
 * Returns the numbers of an operator tensor where they are as many as its shape says and finite; with `start`, some of them
 * from that one on. Throws `operator/wrong-shape` or `operator/not-finite`.
 */
export function checkOperatorNumbers(
  name: string,
  { rows, columns }: MatrixShape,
  data: Float32Array,
  start?: number,
): Float32Array {
  if (start === undefined && data.length !== rows * columns)
    throw wrongShape(name, formatShape([rows, columns]), `${data.length} numbers`);
  const index = findNotFinite(data);
  if (index < 0) return data;
  const value = String(data[index]);
  const place = (start ?? 0) + index;
  throw new OperatorError(
    "operator/not-finite",
    `The operator tensor "${name}" holds ${value} at [${Math.floor(place / columns)}, ${place % columns}]. ` +
      "Learning it diverged: try a smaller learning rate.",
    { tensor: name, expected: "finite numbers", actual: value },
  );
}

function decodeForm(metadata: Readonly<Record<string, string>>): OperatorForm {
  if (metadata["format"] !== OPERATOR_FORMAT) {
    throw wrongMetadata("operator/metadata", "format", OPERATOR_FORMAT, metadata["format"]);
  }
  const versions = [FIRST_VERSION, SECOND_VERSION, THIRD_VERSION, OPERATOR_FORMAT_VERSION];
  oneOf("format_version", versions, metadata["format_version"]);
  const orders: readonly Order[] = ["depth-then-width", "width-then-depth"];
  const scopes: readonly WidthScope[] = ["target-layer", "source-layer", "model"];
  const isFirst = metadata["format_version"] === FIRST_VERSION;
  const form: OperatorForm = {
    order: oneOf("order", orders, metadata["order"]),
    widthScope: oneOf(
      "width_scope",
      isFirst ? scopes : ([...scopes, "block"] as const),
      metadata["width_scope"],
    ),
  };
  checkForm(form);
  return form;
}

function decodeTerms(text: string | undefined): number {
  if (text === undefined) return 1;
  // Two digits are far more terms than any method has, and keep a hostile file from asking for millions.
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw wrongMetadata("operator/metadata", "terms", "a number from 1 to 99", text);
}

function checkShape(
  name: string,
  { rows, columns }: OperatorTensorInfo,
  shape: readonly number[] | undefined,
): MatrixShape {
  const expected = formatShape([rows, columns]);
  if (shape === undefined) {
    throw new OperatorError(
      "operator/missing-tensor",
      `The operator file holds no "${name}" ${expected}, which this plan needs. ` +
        "It may belong to another pair of models.",
      { tensor: name, expected: `${name} ${expected}`, actual: "absent" },
    );
  }
  const actual = formatShape(shape);
  if (actual !== expected) throw wrongShape(name, expected, actual);
  return { rows, columns };
}

function wrongShape(name: string, expected: string, actual: string): OperatorError {
  return new OperatorError(
    "operator/wrong-shape",
    `The operator tensor "${name}" has shape ${actual}, expected ${expected}. ` +
      "It may belong to another pair of models.",
    { tensor: name, expected, actual },
  );
}

function unknownTensor(
  plan: Plan,
  name: string,
  allowed: ReadonlyMap<string, OperatorTensorInfo>,
): OperatorError {
  const nearest = nearestName(name, allowed.keys());
  const details = { tensor: name, expected: nearest ?? "no tensors", actual: name };
  const space = /^(?:term\.\d+\.)?(?:width|read|elem)\.([^.]+)/.exec(name)?.[1];
  const tied = plan.target.parameters.find(({ tiedTo }) => tiedTo !== undefined);
  if (space !== undefined && plan.target.spaces[space] === undefined) {
    const why =
      tied === undefined
        ? `its spaces are ${Object.keys(plan.target.spaces).join(", ")}`
        : `there "${tied.name}" is tied to "${tied.tiedTo}" and grows with it, so it has no map of its own. ` +
          "This operator was made for an untied target (tie_word_embeddings: false)";
    return new OperatorError(
      "operator/unknown-tensor",
      `The operator file holds "${name}", but the target has no space "${space}": ${why}.`,
      details,
    );
  }
  return new OperatorError(
    "operator/unknown-tensor",
    `The operator file holds "${name}", which this plan has no place for; the nearest known name is ` +
      `"${nearest ?? "none"}". It may belong to another pair of models.`,
    details,
  );
}

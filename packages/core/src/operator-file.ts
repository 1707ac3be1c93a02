import { OperatorError } from "./errors/operator-error.js";
import { nearestName } from "./nearest-name.js";
import { checkForm, operatorTensors, type OperatorTensorInfo } from "./operator-tensors.js";
import type { Matrix, Operator, OperatorForm, Order, WidthScope } from "./operator.js";
import type { Plan } from "./plan.js";
import { formatShape } from "./shape.js";

/** The `format` entry of an operator file's metadata. */
export const OPERATOR_FORMAT = "ligo.operator";
/** The `format_version` this package writes and reads. */
export const OPERATOR_FORMAT_VERSION = "1";

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

/** Metadata and tensors of an operator file. `terms` is only written where there is more than one. */
export function encodeOperator(operator: Operator): EncodedOperator {
  const { architecture, order, widthScope, terms, tensors } = operator;
  return {
    metadata: {
      format: OPERATOR_FORMAT,
      format_version: OPERATOR_FORMAT_VERSION,
      architecture,
      order,
      width_scope: widthScope,
      ...(terms > 1 ? { terms: String(terms) } : {}),
    },
    tensors: new Map(tensors),
  };
}

/**
 * Checks an operator file against a plan: metadata, names, shapes, and that every number is finite. `read` maps are
 * optional, but complete for a space or absent.
 *
 * Throws an {@link OperatorError}: `operator/metadata`, `operator/architecture`, `operator/form`,
 * `operator/unknown-tensor`, `operator/missing-tensor`, `operator/wrong-shape` or `operator/not-finite`.
 */
export function decodeOperator(
  plan: Plan,
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, StoredTensor>,
): Operator {
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
  const allowed = operatorTensors(plan, form, { terms, separateRead: true });
  for (const name of tensors.keys()) {
    if (!allowed.has(name)) throw unknownTensor(plan, name, allowed);
  }
  const group = (info: OperatorTensorInfo): string => `${info.term}.${info.space}`;
  const separateReads = new Set(
    [...allowed]
      .filter(([name, info]) => info.kind === "read" && tensors.has(name))
      .map(([, info]) => group(info)),
  );

  const decoded = new Map<string, Matrix>();
  for (const [name, info] of allowed) {
    if (info.kind === "read" && !separateReads.has(group(info))) continue;
    decoded.set(name, decodeTensor(name, info, tensors.get(name)));
  }
  return { architecture: plan.architecture, ...form, terms, tensors: decoded };
}

function decodeForm(metadata: Readonly<Record<string, string>>): OperatorForm {
  const fixed = { format: OPERATOR_FORMAT, format_version: OPERATOR_FORMAT_VERSION };
  for (const [key, expected] of Object.entries(fixed)) {
    if (metadata[key] !== expected) {
      throw wrongMetadata("operator/metadata", key, expected, metadata[key]);
    }
  }
  const orders: readonly Order[] = ["depth-then-width", "width-then-depth"];
  const scopes: readonly WidthScope[] = ["target-layer", "source-layer", "model"];
  const form: OperatorForm = {
    order: oneOf("order", orders, metadata["order"]),
    widthScope: oneOf("width_scope", scopes, metadata["width_scope"]),
  };
  checkForm(form);
  return form;
}

function oneOf<Value extends string>(
  key: string,
  values: readonly Value[],
  actual: string | undefined,
): Value {
  const found = values.find((value) => value === actual);
  if (found !== undefined) return found;
  throw wrongMetadata("operator/metadata", key, values.join(" or "), actual);
}

function decodeTerms(text: string | undefined): number {
  if (text === undefined) return 1;
  // Two digits are far more terms than any method has, and keep a hostile file from asking for millions.
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw wrongMetadata("operator/metadata", "terms", "a number from 1 to 99", text);
}

function wrongMetadata(
  code: string,
  key: string,
  expected: string,
  actual: string | undefined,
): OperatorError {
  const text = actual === undefined ? "absent" : `"${actual}"`;
  return new OperatorError(
    code,
    `The operator file's metadata entry "${key}" is ${text}, expected ${expected}.`,
    { expected, actual: actual ?? "absent" },
  );
}

function decodeTensor(
  name: string,
  info: OperatorTensorInfo,
  tensor: StoredTensor | undefined,
): Matrix {
  const { rows, columns } = info;
  const expected = formatShape([rows, columns]);
  if (tensor === undefined) {
    throw new OperatorError(
      "operator/missing-tensor",
      `The operator file holds no "${name}" ${expected}, which this plan needs. ` +
        "It may belong to another pair of models.",
      { tensor: name, expected: `${name} ${expected}`, actual: "absent" },
    );
  }
  const actual = formatShape(tensor.shape);
  if (actual !== expected || tensor.data.length !== rows * columns) {
    throw new OperatorError(
      "operator/wrong-shape",
      `The operator tensor "${name}" has shape ${actual} and ${tensor.data.length} numbers, expected ${expected}. ` +
        "It may belong to another pair of models.",
      { tensor: name, expected, actual },
    );
  }
  const index = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    const value = String(tensor.data[index]);
    throw new OperatorError(
      "operator/not-finite",
      `The operator tensor "${name}" holds ${value} at [${Math.floor(index / columns)}, ${index % columns}]. ` +
        "Learning it diverged: try a smaller learning rate.",
      { tensor: name, expected: "finite numbers", actual: value },
    );
  }
  return { rows, columns, data: tensor.data };
}

function unknownTensor(
  plan: Plan,
  name: string,
  allowed: ReadonlyMap<string, OperatorTensorInfo>,
): OperatorError {
  const nearest = nearestName(name, allowed.keys());
  const details = { tensor: name, expected: nearest ?? "no tensors", actual: name };
  const space = /^(?:term\.\d+\.)?(?:width|read)\.([^.]+)/.exec(name)?.[1];
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

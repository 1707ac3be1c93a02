import type { TensorHeader } from "@ligo/core/layout";

/** A parameter of a checkpoint, or of every layer of a stack. */
export interface DraftTensor {
  /** Name, `{i}` for the layer. */
  readonly name: string;
  readonly stack?: string;
  readonly shape: readonly number[];
  /** Said of the tensor as a whole; empty where it is like its fellows. */
  readonly remarks: readonly string[];
}

/** A list of layers. */
export interface DraftStack {
  readonly name: string;
  /** What stands before the layer's number, `bert.encoder.layer`. */
  readonly prefix: string;
  readonly layers: number;
}

export interface StackedNames {
  readonly stacks: readonly DraftStack[];
  readonly tensors: readonly DraftTensor[];
}

const GENERIC = new Set(["layer", "layers", "block", "blocks", "h"]);

/** Finds layers among names: prefixes that are followed by 0, 1, ... and for each number by the same names. */
export function findStacks(headers: ReadonlyMap<string, TensorHeader>): StackedNames {
  const numbered = new Map<string, Map<number, Set<string>>>();
  for (const name of headers.keys()) {
    const found = /^(.*?)\.(\d+)\.(.*)$/u.exec(name);
    if (found === null) continue;
    const [, prefix = "", number = "", rest = ""] = found;
    const layers = numbered.get(prefix) ?? new Map<number, Set<string>>();
    numbered.set(prefix, layers);
    layers.set(Number(number), (layers.get(Number(number)) ?? new Set()).add(rest));
  }
  const stacks = [...numbered].flatMap(([prefix, layers]) => {
    const count = layers.size;
    const isCounted = Array.from({ length: count }, (_, layer) => layers.has(layer)).every(Boolean);
    // one numbered module with one or two tensors is a list of something else (a `nn.Sequential`)
    if (!isCounted || (count === 1 && (layers.get(0)?.size ?? 0) < 6)) return [];
    return [{ name: stackName(prefix), prefix, layers: count }];
  });
  const tensors = new Map<string, DraftTensor>();
  for (const [name, { shape }] of headers) {
    const stack = stacks.find(({ prefix }) =>
      new RegExp(`^${escaped(prefix)}\\.\\d+\\.`, "u").test(name),
    );
    const general =
      stack === undefined
        ? name
        : name.replace(
            new RegExp(`^${escaped(stack.prefix)}\\.\\d+\\.`, "u"),
            `${stack.prefix}.{i}.`,
          );
    const known = tensors.get(general);
    if (known === undefined) {
      const inStack = stack === undefined ? {} : { stack: stack.name };
      tensors.set(general, { name: general, shape, remarks: [], ...inStack });
    } else if (String(known.shape) !== String(shape)) {
      const remark = `its shape is not the same in every layer: [${shape.join(", ")}] in ${name}`;
      tensors.set(general, { ...known, remarks: [...known.remarks, remark] });
    }
  }
  return {
    stacks,
    tensors: [...tensors.values()].map((tensor) => withGaps(tensor, stacks, headers)),
  };
}

/** Says where a tensor is missing in some layers. */
function withGaps(
  tensor: DraftTensor,
  stacks: readonly DraftStack[],
  headers: ReadonlyMap<string, TensorHeader>,
): DraftTensor {
  const stack = stacks.find(({ name }) => name === tensor.stack);
  if (stack === undefined) return tensor;
  const missing = Array.from({ length: stack.layers }, (_, layer) => layer).filter(
    (layer) => !headers.has(tensor.name.replace("{i}", String(layer))),
  );
  if (missing.length === 0) return tensor;
  return { ...tensor, remarks: [...tensor.remarks, `layers ${missing.join(", ")} lack it`] };
}

/** The last telling part of a prefix: `bert.encoder.layer` is `encoder`, `transformer.h` is `h`. */
function stackName(prefix: string): string {
  const parts = prefix.split(".");
  const last = parts.at(-1) ?? prefix;
  const before = parts.at(-2);
  return GENERIC.has(last) && last !== "h" && before !== undefined ? before : last;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

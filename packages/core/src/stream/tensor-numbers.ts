import { fillLayer } from "../layout/layout-names.js";
import type { Expression } from "../operator/expression.js";
import type { GivenNumbers } from "../operator/given-numbers.js";
import { checkSource, sourceSize } from "../operator/operator-errors.js";
import { elementCount } from "../shape.js";
import type { ReadSource } from "./read-source.js";
import type { SourceLayers } from "./source-layers.js";

/** Whether a tensor is mixed from several source tensors, as others of its parameter are. */
export function isShared({ sources }: Pick<Expression, "sources">): boolean {
  return sources.length > 1;
}

/** The source of one tensor's numbers. */
export interface SourceReader {
  readonly read: ReadSource;
  /** Layers that are kept for other tensors of the parameter. */
  readonly layers: SourceLayers;
  /** First row of the tensor that is grown; `undefined` for all of it. */
  readonly firstRow: number | undefined;
}

/** The source numbers of one tensor: read where they are needed, or kept where other tensors share them. */
export function sourceNumbers(
  expression: Expression,
  { firstRow, layers, read }: SourceReader,
): Pick<GivenNumbers, "source" | "sourcePart" | "sourceLayers" | "matrixOf"> {
  const { sources, sourceShape } = expression;
  const start = (firstRow ?? 0) * elementCount(sourceShape.slice(1));
  const isKept = isShared(expression) && firstRow === undefined;
  return {
    async source(j, buffer) {
      const kept = isKept ? layers.layer(sources, j, buffer.length) : undefined;
      return checkSource(expression, j, await (kept ?? read(sources[j] ?? "", buffer, start)));
    },
    async sourcePart(j, part, from) {
      const name = sources[j] ?? "";
      return checked(name, await read(name, part, start + from), part.length);
    },
    async sourceLayers(weights) {
      return isKept ? layers.matrix(sources, weights, elementCount(sourceShape)) : undefined;
    },
    async matrixOf(block, j, numbers) {
      const names = sources.map((_, layer) => fillLayer(block.parameter, layer));
      const name = names[j] ?? "";
      const kept = layers.layer(names, j, numbers);
      return checked(name, await (kept ?? read(name, new Float32Array(numbers), 0)), numbers);
    },
  };
}

function checked(name: string, data: Float32Array, numbers: number): Float32Array {
  if (data.length !== numbers) throw sourceSize(name, data.length, String(numbers));
  return data;
}

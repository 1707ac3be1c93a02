import { expandLayout } from "../layout/layout-names.js";
import { writesResidual } from "../layout/residual.js";
import type { DataProbe } from "../methods/method.js";
import { createRandom } from "../random.js";
import { elementCount } from "../shape.js";

/**
 * Data that answer with drawn gradients, none for what new units write: they are silent. Singular vectors are the units, all of one
 * value.
 */
export const drawnProbe: DataProbe = {
  async gradients({ layout, wanted }) {
    const tensors = expandLayout(layout).filter(({ name }) => wanted.includes(name));
    return new Map(
      tensors.map(({ name, parameter, shape }) => {
        const { normal } = createRandom(7).fork(name);
        const isReader = writesResidual(layout, parameter);
        return [
          name,
          Float32Array.from({ length: elementCount(shape) }, () => (isReader ? 0 : normal())),
        ];
      }),
    );
  },
  async singularVectors({ rows }) {
    const data = Float32Array.from({ length: rows * rows }, (_, index) =>
      Number(index % (rows + 1) === 0),
    );
    return { values: Array.from({ length: rows }, () => 1), vectors: { rows, columns: rows, data } };
  },
};

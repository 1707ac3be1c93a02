import type { Parameter } from "./layout.js";
import type { Random } from "../random.js";

/** Standard deviation of weights that start from scratch where a config has no `initializer_range`: Hugging Face's. */
export const INITIAL_DEVIATION = 0.02;

/**
 * Numbers of a tensor that starts from scratch, as its layout says: normal of a deviation, ones or zeros.
 *
 * @param size number of elements
 */
export function initialTensor(
  { initial }: Pick<Parameter, "initial">,
  size: number,
  deviation: number,
  random: Random,
): Float32Array {
  const data = new Float32Array(size);
  if (initial === "ones") data.fill(1);
  if (initial === "normal") {
    for (let index = 0; index < size; index++) data[index] = deviation * random.normal();
  }
  return data;
}

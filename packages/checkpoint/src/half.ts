/**
 * 16-bit floats and 32-bit floats. Widening is exact. Narrowing rounds to nearest, ties to even, as IEEE 754 and
 * PyTorch do; a value beyond the largest finite one becomes an infinity, NaN stays NaN.
 */

let float16Table: Float32Array | undefined;

/** The value of each of the 65536 float16 bit patterns. */
function float16Values(): Float32Array {
  if (float16Table !== undefined) return float16Table;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  float16Table = table;
  return table;
}

/** Widens float16 bit patterns. `target` must be as long as `source`. */
export function float16ToFloat32(
  source: Uint16Array,
  target: Float32Array = new Float32Array(source.length),
): Float32Array {
  const table = float16Values();
  for (let k = 0; k < source.length; k++) target[k] = table[source[k]!]!;
  return target;
}

/** Widens bfloat16 bit patterns. `target` must be as long as `source`. */
export function bfloat16ToFloat32(
  source: Uint16Array,
  target: Float32Array = new Float32Array(source.length),
): Float32Array {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let k = 0; k < source.length; k++) bits[k] = source[k]! << 16;
  return target;
}

/** Narrows to float16 bit patterns. `target` must be as long as `source`. */
export function float32ToFloat16(
  source: Float32Array,
  target: Uint16Array = new Uint16Array(source.length),
): Uint16Array {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length);
  for (let k = 0; k < bits.length; k++) target[k] = narrowToFloat16(bits[k]!);
  return target;
}

/** Narrows to bfloat16 bit patterns. `target` must be as long as `source`. */
export function float32ToBfloat16(
  source: Float32Array,
  target: Uint16Array = new Uint16Array(source.length),
): Uint16Array {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length);
  for (let k = 0; k < bits.length; k++) {
    const x = bits[k]!;
    const isNaN = (x & 0x7fffffff) > 0x7f800000;
    // Adding just under half of the dropped part, plus one where the kept part is odd, rounds ties to even.
    target[k] = isNaN ? (x >>> 16) | 0x40 : (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
  }
  return target;
}

/** Numbers as they come back from a file of a dtype: those of F32 as they are, others rounded in place. */
export function roundedTo(dtype: "F32" | "F16" | "BF16", numbers: Float32Array): Float32Array {
  if (dtype === "F32") return numbers;
  return dtype === "F16"
    ? float16ToFloat32(float32ToFloat16(numbers), numbers)
    : bfloat16ToFloat32(float32ToBfloat16(numbers), numbers);
}

/** One float32 bit pattern to one float16 bit pattern. */
function narrowToFloat16(x: number): number {
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 lies halfway between the largest finite float16 (65504) and the next power of two: it rounds up.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Normal float16: rebias the exponent from 127 to 15, drop 13 bits of the fraction.
  if (magnitude >= 0x38800000) {
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // At most half of the smallest subnormal: zero.
  if (magnitude <= 0x33000000) return sign;
  // Subnormal float16: a multiple of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const dropped = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const up = dropped > half || (dropped === half && (kept & 1) === 1);
  return sign | (kept + (up ? 1 : 0));
}

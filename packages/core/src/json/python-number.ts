/**
 * Config values that transformers declares as floats: it refuses an integer there, and JavaScript does not tell 1 from
 * 1.0. Whole numbers under these keys are written with `.0`.
 */
const FLOAT_KEY = /(?:_eps|_epsilon|_prob|_pdrop|_dropout|^initializer_range|^drop_path_rate)$/;

/** A number as Python spells it under a key of a config: `1e-05`, and 0.0 for a rate. */
export function pythonNumber(value: number, key: string): string {
  if (Number.isInteger(value)) {
    return FLOAT_KEY.test(key) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
  }
  if (Math.abs(value) >= 1e-4) return String(value);
  // Python: 1e-05, where JavaScript has 0.00001 or 1e-5.
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

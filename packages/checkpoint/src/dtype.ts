/** Bytes per element of every safetensors dtype with whole-byte elements. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** A dtype as safetensors spells it. Not all of them can be read, see {@link ReadableDtype}. */
export type Dtype = keyof typeof DTYPE_BYTES;

/** Dtypes whose values this package can read. */
export type ReadableDtype = "F32" | "F16" | "BF16" | "F64" | "I64" | "I32" | "U8" | "BOOL";

/** Dtypes floating point weights are stored in. */
export type FloatDtype = "F32" | "F16" | "BF16" | "F64";

/** Dtypes floating point weights are written in. */
export type OutputDtype = "F32" | "F16" | "BF16";

/** The name PyTorch and `config.json` give a dtype. */
export const TORCH_DTYPE: Readonly<Record<OutputDtype, string>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

const READABLE: ReadonlySet<string> = new Set([
  "F32",
  "F16",
  "BF16",
  "F64",
  "I64",
  "I32",
  "U8",
  "BOOL",
]);
const FLOAT: ReadonlySet<string> = new Set(["F32", "F16", "BF16", "F64"]);

export function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(DTYPE_BYTES, value);
}

export function isReadableDtype(dtype: Dtype): dtype is ReadableDtype {
  return READABLE.has(dtype);
}

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return FLOAT.has(dtype);
}

import { EngineError } from "./engine-error.js";

/** A tensor that a buffer of a device cannot hold. */
export interface LargeTensor {
  /** The tensor in words, at the start of a sentence. */
  readonly tensor: string;
  readonly bytes: number;
  /** Most bytes of a buffer. */
  readonly most: number;
  readonly device: string;
}

/** `engine/tensor-too-large`. */
export function tooLarge(
  { tensor, bytes, most, device }: LargeTensor,
  details: { readonly tensor?: string; readonly cause?: unknown } = {},
): EngineError {
  return new EngineError(
    "engine/tensor-too-large",
    `${tensor} takes ${digits(bytes)} bytes, more than the ${digits(most)} that a buffer of ${device} may have. ` +
      'Take `engine: "onnx"`, or a smaller batch or sequence if it is an activation.',
    { ...details, expected: `at most ${most} bytes`, actual: `${bytes} bytes` },
  );
}

/** Digits in groups of three. */
const digits = (value: number): string => value.toLocaleString("en-US");

import type { OperatorHeader } from "./operator-file.js";

/** An operator whose numbers are read when they are needed: it may be larger than memory. */
export interface StoredOperator extends OperatorHeader {
  /** Reads numbers of one of `tensors`, row-major: as many as `into` is long, from number `start` on. */
  read(name: string, into: Float32Array, start: number): Promise<void>;
  /**
   * Throws where a number that was read, of those from `start` on, is not finite. It is not asked about numbers that are 0 or
   * 1, nor where a quick test was sure.
   */
  check(name: string, numbers: Float32Array, start: number): void;
}

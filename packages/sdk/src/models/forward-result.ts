/** An output of a forward pass. */
export interface Output {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Results of a forward pass. */
export interface ForwardResult {
  /** Outputs by their Hugging Face names: `logits`, ...; `loss` [1] where the inputs hold labels. */
  readonly outputs: ReadonlyMap<string, Output>;
  readonly loss: number | undefined;
  /** The safetensors file they were written to. */
  readonly output: string | undefined;
}

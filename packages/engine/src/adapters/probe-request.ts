/** Work for a process of its own: a driver may abort the process that loads it, or never answer. */
export type ProbeRequest =
  /** Starts the provider, then looks for its limits. */
  | { readonly task: "adapter" }
  /** Repeats a number to tensors of so many elements, one after another, all too large for a buffer. */
  | { readonly task: "segments"; readonly elements: readonly number[] }
  /** Measures products of matrices, for about so many seconds; of matrices with at least so many rows, default 64. */
  | {
      readonly task: "rate";
      readonly engine: RatedEngine;
      readonly seconds: number;
      readonly rows?: number;
    };

/** `cpu`, `webgpu` or another provider of onnxruntime, or TensorFlow on one of its devices. */
export type RatedEngine =
  | { readonly library: "onnxruntime"; readonly provider: string }
  | { readonly library: "tensorflow"; readonly device: "gpu" | "cpu" };

/** Messages of that process, as it finds things out. */
export type ProbeAnswer =
  | { readonly type: "started" }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "half-precision"; readonly supported: boolean }
  | { readonly type: "storage-buffers"; readonly most: number }
  | { readonly type: "rate"; readonly size: number; readonly flopsPerSecond: number };

import { LigoError } from "@ligo/core";

/** A checkpoint, safetensors file, shard index or config.json is not acceptable. Codes start with `checkpoint/`. */
export class CheckpointError extends LigoError {}

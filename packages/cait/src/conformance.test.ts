import { describeArchitecture, readRecordedCheckpoint } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { cait } from "./index.js";

const size = (value: unknown): number => Number(value);

describeArchitecture(cait, {
  headers,
  checkpoints: await Promise.all(
    ["cait-tiny", "cait-unequal"].map((name) =>
      readRecordedCheckpoint(new URL(`./__fixtures__/${name}`, import.meta.url)),
    ),
  ),
  wider: (config) => ({
    embed_dim: 2 * size(config["embed_dim"]),
    num_heads: 2 * size(config["num_heads"]),
  }),
  deeper: (config) => ({
    depth: 2 * size(config["depth"]),
    depth_token_only: 2 * size(config["depth_token_only"]),
  }),
  sizes({ growing, fixed }) {
    const [heads, headSize, patch] = [growing(1, 3), growing(1, 4), fixed(1, 3)];
    return {
      embed_dim: heads * headSize,
      num_heads: heads,
      depth: growing(1, 3),
      depth_token_only: growing(1, 2),
      mlp_ratio: fixed(1, 3),
      mlp_ratio_token_only: fixed(1, 2),
      img_size: patch * fixed(1, 3),
      patch_size: patch,
      in_chans: fixed(1, 3),
      num_classes: fixed(1, 4),
    };
  },
});

import { renameTensors, type FixtureTensor, type FixtureTensors } from "@ligo/testkit";

/** Names that transformers 5 has in memory. */
export function fromMemory(tensors: FixtureTensors): FixtureTensors {
  return renameTensors(tensors, (name) =>
    name
      .replace(/encoder\.layer\.(\d+)\./u, "layers.$1.")
      .replace(/attention\.attention\.(.)\w*\./u, "attention.$1_proj.")
      .replace("attention.output.dense", "attention.o_proj")
      .replace("intermediate.dense", "mlp.fc1")
      .replace(/(layers\.\d+\.)output\.dense/u, "$1mlp.fc2"),
  );
}

/** Names of timm, with queries, keys and values in one tensor. */
export function fromTimm(tensors: FixtureTensors): FixtureTensors {
  const fused = new Map<string, FixtureTensor>();
  for (const [name, tensor] of tensors) {
    const match = /layer\.(\d+)\.attention\.attention\.query\.(\w+)$/u.exec(name);
    if (!match) continue;
    const parts = ["query", "key", "value"].map(
      (part) => tensors.get(name.replace("query", part)) as FixtureTensor,
    );
    const data = Float32Array.from(parts.flatMap((part) => [...part.data]));
    const shape = [3 * (tensor.shape[0] as number), ...tensor.shape.slice(1)];
    fused.set(`blocks.${match[1]}.attn.qkv.${match[2]}`, { shape, data });
  }
  const renamed = renameTensors(tensors, (name) =>
    name.includes("attention.attention")
      ? undefined
      : name
          .replace(/^(?:vit|deit)\./u, "")
          .replace("embeddings.cls_token", "cls_token")
          .replace("embeddings.distillation_token", "dist_token")
          .replace("embeddings.position_embeddings", "pos_embed")
          .replace("embeddings.patch_embeddings.projection", "patch_embed.proj")
          .replace(/encoder\.layer\.(\d+)\./u, "blocks.$1.")
          .replace("layernorm_before", "norm1")
          .replace("layernorm_after", "norm2")
          .replace("attention.output.dense", "attn.proj")
          .replace("intermediate.dense", "mlp.fc1")
          .replace("output.dense", "mlp.fc2")
          .replace(/^layernorm\./u, "norm.")
          .replace("distillation_classifier.", "head_dist.")
          .replace(/^(?:cls_)?classifier\./u, "head."),
  );
  return new Map([...renamed, ...fused]);
}

import { createHash } from "node:crypto";
import { changeJson, jsonMutators } from "./json.js";
import { pick, type Mutator } from "./mutator.js";

/** A sealed JSON file (one that ends with the SHA-256 of its rest) with other values and the seal that fits them. */
const resealed: Mutator = (bytes, random) => {
  const text = Buffer.from(bytes).toString("utf8");
  try {
    const { sha256: _seal, ...body } = JSON.parse(text) as Record<string, unknown>;
    const other = JSON.parse(changeJson(JSON.stringify(body), random) ?? "{}") as object;
    const seal = createHash("sha256").update(JSON.stringify(other)).digest("hex");
    return Buffer.from(JSON.stringify({ ...other, sha256: seal }));
  } catch {
    return pick(random, jsonMutators)(bytes, random);
  }
};

/** Changes of a sealed JSON file: most of them with a seal that fits. */
export const sealedMutators: readonly Mutator[] = [
  ...Array.from({ length: 3 * jsonMutators.length }, () => resealed),
  ...jsonMutators,
];

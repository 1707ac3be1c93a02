import { gpt2 } from "@ligo/gpt2";
import { grow, LigoError } from "@ligo/sdk";

const [, , small = "", layers = ""] = process.argv;

const grown = await grow(small, {
  architectures: [gpt2],
  method: "stack",
  to: { n_layer: Number(layers) },
});
if (grown.config["n_layer"] !== Number(layers)) throw new Error("nothing grew");

try {
  await grow(small, { architectures: [gpt2], method: "stack", to: { n_layer: 0 } });
  throw new Error("a model without layers was grown");
} catch (error) {
  if (!LigoError.isInstance(error)) throw error;
}

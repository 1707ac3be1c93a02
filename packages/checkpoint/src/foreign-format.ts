import { join } from "node:path";
import { shellQuote } from "./pickle.js";

/** What lies in a folder in the place of safetensors, and what helps. */
export interface ForeignFormat {
  /** Names of the files that tell it. */
  readonly files: readonly string[];
  /** Name of the format: "a GGUF file". */
  readonly says: string;
  readonly advice: string;
}

interface KnownFormat {
  readonly pattern: RegExp;
  readonly says: string;
  readonly advice: (folder: string, file: string) => string;
}

/** Formats by the names of their files, the telling ones first. */
const FORMATS: readonly KnownFormat[] = [
  {
    pattern: /^adapter_(?:config\.json|model\.(?:safetensors|bin))$/,
    says: "a PEFT adapter, not a model",
    advice: (folder) =>
      `Merge it into its base model once with Python:\n${python(
        "from peft import AutoPeftModel as M; M.from_pretrained(sys.argv[1]).merge_and_unload().save_pretrained(sys.argv[2])",
        [folder, `${folder}-merged`],
      )}`,
  },
  {
    pattern: /\.gguf$/i,
    says: "a GGUF file",
    advice: (folder, file) =>
      `Use the checkpoint that it was made from, or convert it once with Python:\n${python(
        "from transformers import AutoModelForCausalLM as M; M.from_pretrained(sys.argv[1], gguf_file=sys.argv[2]).save_pretrained(sys.argv[3])",
        [folder, file, `${folder}-safetensors`],
      )}`,
  },
  {
    pattern: /\.h5$|\.ckpt(?:-\d+)?\.(?:index|meta|data-\d+-of-\d+)$/i,
    says: "weights of TensorFlow",
    advice: (folder) =>
      `Convert them once with Python (transformers 4):\n${convert(folder, "from_tf")}`,
  },
  {
    pattern: /\.msgpack$/i,
    says: "weights of Flax",
    advice: (folder) =>
      `Convert them once with Python (transformers 4):\n${convert(folder, "from_flax")}`,
  },
  {
    pattern: /\.(?:onnx|onnx_data|mlmodel|mlpackage|tflite|ort)$|^openvino_model\.|^onnx$/i,
    says: "an exported graph, which has no weights to train",
    advice: () => "Use the checkpoint that it was exported from.",
  },
  {
    pattern: /^model-\d+-of-\d+\.safetensors$/,
    says: "shards without their index",
    advice: () => "Download model.safetensors.index.json too.",
  },
  {
    pattern: /\.safetensors$/,
    says: "weights under another name",
    advice: (folder, file) => `Give the file itself: ${join(folder, file)}`,
  },
];

/** The format of the weights in a folder that has no safetensors of the usual names; `undefined` where nothing tells. */
export function foreignFormat(folder: string, names: readonly string[]): ForeignFormat | undefined {
  for (const { advice, pattern, says } of FORMATS) {
    const files = names.filter((name) => pattern.test(name)).toSorted();
    const [first] = files;
    if (first !== undefined) return { files, says, advice: advice(folder, first) };
  }
  return undefined;
}

const convert = (folder: string, flag: string): string =>
  python(
    `from transformers import AutoModel as M; M.from_pretrained(sys.argv[1], ${flag}=True).save_pretrained(sys.argv[2])`,
    [folder, `${folder}-safetensors`],
  );

const python = (script: string, parameters: readonly string[]): string =>
  `python -c "import sys; ${script}" ${parameters.map(shellQuote).join(" ")}`;

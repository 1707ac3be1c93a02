import type { RawConfig } from "@ligo/core";
import { isFloatDtype } from "./dtype.js";
import type { Checkpoint, StoredTensor } from "./open-checkpoint.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { shellQuote } from "./pickle.js";

/** Names that a method of quantisation gives to what it stores beside or in place of weights. */
const NAMES: readonly (readonly [method: string, name: RegExp])[] = [
  ["bitsandbytes", /\.(?:absmax|nested_absmax|quant_map|quant_state\.\w+|SCB|weight_format)$/],
  ["GPTQ or AWQ", /\.(?:qweight|qzeros|g_idx)$/],
  ["compressed-tensors", /\.weight_(?:packed|zero_point|shape)$/],
  ["fp8", /\.weight_scale(?:_inv)?$/],
];

/** Dtypes of weights that only quantised checkpoints have. */
const DTYPES: ReadonlySet<string> = new Set(["I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"]);

/**
 * Refuses a checkpoint whose weights are quantised, as its config or its tensors say. Throws `CheckpointError`
 * `checkpoint/quantised`, which names the method where it is known.
 */
export function checkNotQuantised({ config, configFile, folder, headers }: Checkpoint): void {
  const found = ofConfig(config) ?? ofTensors(headers);
  if (found === undefined) return;
  const { by, tensor, why } = found;
  const convert = /bitsandbytes/.test(by) ? fullPrecision(config, folder) : "";
  throw new CheckpointError(
    "checkpoint/quantised",
    `The weights in ${folder} are quantised by ${by} (${why}); LiGO reads full precision only. ` +
      `Use the checkpoint that they were quantised from${convert === "" ? "." : ", or write full precision once with Python:\n"}${convert}`,
    { file: configFile, tensor, expected: "F32, F16 or BF16", actual: by },
  );
}

/**
 * Refuses weights that are no floats, as quantised ones and damaged files have. Throws `CheckpointError` `checkpoint/not-float`.
 *
 * @param names stored names of the weights
 */
export function checkFloatWeights({ headers }: Checkpoint, names: Iterable<string>): void {
  for (const tensor of names) {
    const { dtype, file } = headers.get(tensor) ?? {};
    if (dtype === undefined || isFloatDtype(dtype)) continue;
    throw new CheckpointError(
      "checkpoint/not-float",
      `The weights "${tensor}" in ${file} are ${dtype}, not floats: they are quantised, or the file is damaged. ` +
        "Use the checkpoint in full precision.",
      { file, tensor, expected: "F32, F16, BF16 or F64", actual: dtype },
    );
  }
}

interface Quantisation {
  readonly by: string;
  /** Where that is said. */
  readonly why: string;
  readonly tensor?: string;
}

function ofConfig(config: RawConfig): Quantisation | undefined {
  for (const key of ["quantization_config", "compression_config"]) {
    const value = config[key];
    if (typeof value !== "object" || value === null) continue;
    const { load_in_4bit: four, load_in_8bit: eight, quant_method: method } = value as RawConfig;
    const bits = four === true ? "4 bits, " : eight === true ? "8 bits, " : "";
    const known = bits === "" ? "a method that the config does not name" : "bitsandbytes";
    return { by: typeof method === "string" ? method : known, why: `${bits}${key} in config.json` };
  }
  return undefined;
}

function ofTensors(headers: ReadonlyMap<string, StoredTensor>): Quantisation | undefined {
  for (const [tensor, { dtype }] of headers) {
    const named = NAMES.find(([, pattern]) => pattern.test(tensor));
    if (named !== undefined) return { by: named[0], why: `it holds "${tensor}"`, tensor };
    if (DTYPES.has(dtype)) {
      return {
        by: "a method that the config does not name",
        why: `"${tensor}" is ${dtype}`,
        tensor,
      };
    }
  }
  return undefined;
}

function fullPrecision({ architectures }: RawConfig, folder: string): string {
  const [named] = Array.isArray(architectures) ? (architectures as unknown[]) : [];
  const className = typeof named === "string" && /^\w+$/.test(named) ? named : "AutoModel";
  const script =
    `import sys; from transformers import ${className} as M; ` +
    "M.from_pretrained(sys.argv[1]).dequantize().save_pretrained(sys.argv[2])";
  return `python -c "${script}" ${shellQuote(folder)} ${shellQuote(`${folder}-full`)}`;
}

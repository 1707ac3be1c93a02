import { extname, join, dirname, basename } from "node:path";
import { CheckpointError } from "./errors/checkpoint-error.js";

const PICKLE_EXTENSIONS: ReadonlySet<string> = new Set([".bin", ".pt", ".pth", ".ckpt", ".pkl"]);

/** Whether a file name is one PyTorch gives to pickled weights. */
export function isPicklePath(path: string): boolean {
  return PICKLE_EXTENSIONS.has(extname(path).toLowerCase());
}

/** Whether a file of a checkpoint folder holds its weights, or some of them, as a pickle. */
export function isPickledShard(name: string): boolean {
  return /^pytorch_model(-\d+-of-\d+)?\.bin$/.test(name);
}

/** The refusal of pickled weights, with the command that converts them. All files must be in one folder. */
export function pickleError(files: readonly string[]): CheckpointError {
  const first = files[0] ?? "pytorch_model.bin";
  const target = isPickledShard(basename(first))
    ? "model.safetensors"
    : `${basename(first, extname(first))}.safetensors`;
  return new CheckpointError(
    "checkpoint/pickle",
    `${first} is a pickle, which can run any code when it is loaded; LiGO never loads one. Convert it once with Python:\n` +
      conversionCommand(files, join(dirname(first), target)),
    { file: first, expected: "safetensors", actual: "pickle" },
  );
}

/**
 * One line of shell. `weights_only` keeps PyTorch from running code; `clone` unshares tied tensors, which safetensors
 * does not store.
 */
export function conversionCommand(files: readonly string[], target: string): string {
  const script =
    "import sys, torch; from safetensors.torch import save_file; s = {}; " +
    "[s.update(torch.load(f, map_location='cpu', weights_only=True)) for f in sys.argv[2:]]; " +
    "save_file({k: v.clone().contiguous() for k, v in s.items()}, sys.argv[1], {'format': 'pt'})";
  return `python -c "${script}" ${[target, ...files].map(shellQuote).join(" ")}`;
}

/** An argument as a shell takes it. */
export function shellQuote(argument: string): string {
  return /^[\w./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

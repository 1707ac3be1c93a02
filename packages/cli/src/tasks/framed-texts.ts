import type { Framing, TextTokenizer } from "@ligo/data";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import type { TaskOptions } from "./task-options.js";

/** Throws `cli/weights-of-labels`. */
export function checkNoWeights({ dataWeights }: TaskOptions): void {
  if (dataWeights === undefined) return;
  throw new UsageError(
    "cli/weights-of-labels",
    "Labelled texts are drawn all alike; --data-weights is for text without labels. Leave it out.",
    { expected: "no --data-weights" },
  );
}

/** What a tokenizer puts around texts. Throws `cli/unknown-framing`. */
export function framingOf({ files, framing }: TextTokenizer): Framing {
  if (framing !== undefined) return framing;
  throw new UsageError(
    "cli/unknown-framing",
    `The post-processor of ${files[0] ?? "the tokenizer"} is of a kind that LiGO does not know, so texts cannot be framed.`,
    {
      file: files[0],
      expected: "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel",
    },
  );
}

/** The id of padding, which some models know by their config. Throws `cli/no-padding`. */
export function padId({ config, file }: ModelSpec, { special }: TextTokenizer): number {
  const { pad_token_id: known } = config;
  const pad = typeof known === "number" ? known : special.pad;
  if (pad !== undefined) return pad;
  throw new UsageError(
    "cli/no-padding",
    `${file} has no pad_token_id and the tokenizer no padding token, so texts cannot be brought to one length. Set pad_token_id.`,
    { file, expected: "pad_token_id" },
  );
}

/** Whether a model has token types that the framing of its texts makes use of. */
export function hasTypes({ layout }: ModelSpec, framing: Framing, width: 1 | 2): boolean {
  const parts = width === 2 ? framing.pair : framing.single;
  const largest = Math.max(0, ...parts.map(({ type }) => type));
  return largest > 0 && largest < (layout.spaces["type"]?.size ?? 0);
}

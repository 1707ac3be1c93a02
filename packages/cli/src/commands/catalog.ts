import type { Call } from "../flags/given.js";
import type { FaceFlag } from "../flags/options.js";
import type { CommandIo } from "../terminal/command-io.js";

type Run = (call: Call, io: CommandIo) => Promise<void>;

/** A command as the command line knows it before it is run. */
export interface CommandEntry {
  readonly name: string;
  readonly says: string;
  /** Name of the settings that its flags are made from, where it is another. */
  readonly settings?: string;
  /** Arguments; optional in brackets. */
  readonly sources: Readonly<Record<string, string>>;
  readonly usage?: string;
  readonly face: readonly FaceFlag[];
  readonly examples: readonly string[];
  /** Loads the command. */
  readonly load: () => Promise<Run>;
}

const CHECKPOINT =
  "checkpoint folder, .safetensors file beside its config.json, or hub id (org/name[@revision])";
const small = { "<checkpoint>": CHECKPOINT };

export const CATALOG: readonly CommandEntry[] = [
  {
    name: "plan",
    says: "say what would be grown, from headers only; writes nothing",
    sources: small,
    face: ["json"],
    examples: [
      "ligo plan small --to large.json",
      "ligo plan small --to '{\"num_hidden_layers\": 12}'",
      "ligo plan small --to 2x",
    ],
    load: async () => (await import("./plan.js")).plan,
  },
  {
    name: "grow",
    says: "grow a checkpoint and write the grown one",
    usage: [
      "<checkpoint> --to <config> --out <folder> [options]",
      "ligo grow [checkpoint] --recipe <file> --out <folder> [options]",
      "ligo grow --resume <folder>",
    ].join("\n       "),
    sources: { "[checkpoint]": CHECKPOINT },
    face: ["recipe", "resume", "json", "quiet"],
    examples: [
      "ligo grow small --to large.json --data texts --out large",
      "ligo grow small --to large.json --method stack --out large",
      "ligo grow --resume large",
    ],
    load: async () => (await import("./grow.js")).grow,
  },
  {
    name: "export",
    settings: "exportLearning",
    says: "write what learning an operator elsewhere needs, on many GPUs with PyTorch",
    usage: "<checkpoint> --to <config> --data <paths...> --out <folder> [options]",
    sources: small,
    face: ["json", "quiet"],
    examples: [
      "ligo export small --to large.json --data texts --out job",
      "ligo export small --to large.json --data texts --steps 200 --dump-steps 3 --out job",
      "ligo grow small --to large.json --operator job/learned.safetensors --out large",
    ],
    load: async () => (await import("./export.js")).exportLearning,
  },
  {
    name: "train",
    says: "train a checkpoint on, or a new model from its config.json",
    usage: [
      "<checkpoint> --data <paths...> --out <folder> [options]",
      "ligo train [checkpoint] --recipe <file> --out <folder> [options]",
      "ligo train --resume <folder>",
    ].join("\n       "),
    sources: { "[checkpoint]": `${CHECKPOINT}; or a config.json, to train from scratch` },
    face: ["recipe", "resume", "json", "quiet"],
    examples: [
      "ligo train large --data texts --out trained",
      "ligo train config.json --data texts --tokenizer small --out new",
      "ligo train large --class BertForSequenceClassification --data train.tsv --epochs 3 --out tuned",
    ],
    load: async () => (await import("./train.js")).train,
  },
  {
    name: "eval",
    settings: "evaluate",
    says: "loss, perplexity and accuracy on data",
    sources: small,
    face: ["json", "quiet"],
    examples: ["ligo eval trained --data texts", "ligo eval tuned --data test.tsv --all"],
    load: async () => (await import("./eval.js")).evaluate,
  },
  {
    name: "forward",
    says: "write logits (and loss) for given inputs, to compare with other frameworks",
    sources: small,
    face: ["json"],
    examples: ["ligo forward large --inputs x.safetensors --output y.safetensors"],
    load: async () => (await import("./forward.js")).forward,
  },
  {
    name: "verify",
    says: "say whether growth kept the function, how far, and why not",
    sources: { "<small>": CHECKPOINT, "<grown>": CHECKPOINT },
    face: ["strict", "json"],
    examples: ["ligo verify small large", "ligo verify small large --data texts --strict"],
    load: async () => (await import("./verify.js")).verify,
  },
  {
    name: "inspect",
    says: "say how a checkpoint is laid out, or draft a layout where its architecture is not known",
    sources: small,
    face: ["json"],
    examples: ["ligo inspect small", "ligo inspect some-model --draft"],
    load: async () => (await import("./inspect.js")).inspect,
  },
  {
    name: "compare",
    says: "compare methods of growing: the same source, target, data and budget for all",
    sources: { "<recipe>": "JSON or YAML file that says what is compared" },
    face: ["json", "quiet"],
    examples: ["ligo compare recipe.json --estimate", "ligo compare recipe.json --out comparison"],
    load: async () => (await import("./compare.js")).compare,
  },
  {
    name: "push",
    says: "upload a model to the Hugging Face hub, private unless asked otherwise",
    sources: {
      "<folder>": "folder of the model",
      "<name>": "organisation/name on the hub; made where there is none",
    },
    face: ["json", "quiet"],
    examples: ["ligo push large org/large --dry-run", "ligo push large org/large --public"],
    load: async () => (await import("./push.js")).push,
  },
  {
    name: "check-gguf",
    says: "say whether llama.cpp's converter takes a model, and what stands in its way",
    sources: small,
    face: ["json"],
    examples: ["ligo check-gguf large"],
    load: async () => (await import("./check-gguf.js")).checkGguf,
  },
  {
    name: "doctor",
    says: "say which engines compute here, how fast, and what brings those that do not",
    sources: {},
    face: ["json"],
    examples: ["ligo doctor"],
    load: async () => (await import("./doctor.js")).doctor,
  },
];

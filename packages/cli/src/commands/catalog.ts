import type { Call } from "../flags/given.js";
import type { FaceFlag } from "../flags/options.js";
import type { Terminal } from "../terminal/terminal.js";

type Run = (call: Call, io: Terminal) => Promise<void>;

/** A command as the command line knows it before it is run. */
export interface CommandEntry {
  readonly name: string;
  /** Heading that it stands under in the list of commands. Default `Models and machine`. */
  readonly group?: "Growing" | "Training and judging";
  readonly says: string;
  /** Name of the settings that its flags are made from, where it is another. */
  readonly settings?: string;
  /** Arguments; optional in brackets. */
  readonly sources: Readonly<Record<string, string>>;
  readonly usage?: string;
  readonly face: readonly FaceFlag[];
  /** Three command lines, with a few words behind a `#` on each. */
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
    group: "Growing",
    says: "show what would grow, and its memory and time; reads headers, writes nothing",
    sources: small,
    face: ["details", "json"],
    examples: [
      "ligo plan small --to 2x  # about twice the parameters",
      "ligo plan small --to large.json --details  # with every tensor and product",
      "ligo plan small --to '{\"num_hidden_layers\": 12}'  # the keys that change",
    ],
    load: async () => (await import("./plan.js")).plan,
  },
  {
    name: "grow",
    group: "Growing",
    says: "grow a checkpoint and write the grown one",
    usage: [
      "<checkpoint> --to <config> --out <folder> [options]",
      "ligo grow [checkpoint] --recipe <file> --out <folder> [options]",
      "ligo grow --resume <folder>",
    ].join("\n       "),
    sources: { "[checkpoint]": CHECKPOINT },
    face: ["recipe", "resume", "json", "quiet"],
    examples: [
      "ligo grow small --to 2x --out large  # without data",
      "ligo grow small --to large.json --data texts --out large  # the start that suits your text",
      "ligo grow --resume large  # go on after Ctrl-C or a crash",
    ],
    load: async () => (await import("./grow.js")).grow,
  },
  {
    name: "export",
    group: "Growing",
    settings: "exportLearning",
    says: "write what learning an operator elsewhere needs, on many GPUs with PyTorch",
    usage: "<checkpoint> --to <config> --data <paths...> --out <folder> [options]",
    sources: small,
    face: ["json", "quiet"],
    examples: [
      "ligo export small --to large.json --data texts --out job  # weights, operator, batches",
      "ligo export small --to large.json --data texts --steps 200 --dump-steps 3 --out job  # with steps to check by",
      "ligo grow small --to large.json --operator job/learned.safetensors --out large  # then",
    ],
    load: async () => (await import("./export.js")).exportLearning,
  },
  {
    name: "compare",
    group: "Growing",
    says: "compare methods of growing: the same source, target, data and budget for all",
    sources: { "<recipe>": "JSON or YAML file that names the methods, models and data" },
    face: ["json", "quiet"],
    examples: [
      "ligo compare recipe.json --estimate  # its cost; nothing is run",
      "ligo compare recipe.json --out comparison  # run it",
      "ligo compare recipe.json --out comparison --resume  # go on with it",
    ],
    load: async () => (await import("./compare.js")).compare,
  },
  {
    name: "train",
    group: "Training and judging",
    says: "train a checkpoint on, or a new model from its config.json",
    usage: [
      "<checkpoint> --data <paths...> --out <folder> [options]",
      "ligo train [checkpoint] --recipe <file> --out <folder> [options]",
      "ligo train --resume <folder>",
    ].join("\n       "),
    sources: { "[checkpoint]": `${CHECKPOINT}; or a config.json, to train from scratch` },
    face: ["recipe", "resume", "json", "quiet"],
    examples: [
      "ligo train large --data texts --out trained  # train on",
      "ligo train config.json --data texts --tokenizer small --out new  # from scratch",
      "ligo train large --class BertForSequenceClassification --data train.tsv --epochs 3 --out tuned  # fine-tune",
    ],
    load: async () => (await import("./train.js")).train,
  },
  {
    name: "eval",
    group: "Training and judging",
    settings: "evaluate",
    says: "measure loss, perplexity and accuracy on data",
    sources: small,
    face: ["json", "quiet"],
    examples: [
      "ligo eval trained --data texts  # on the part that training holds out",
      "ligo eval trained --data texts --held-out 512  # on 512 blocks of it",
      "ligo eval tuned --data test.tsv --all  # on all of a file",
    ],
    load: async () => (await import("./eval.js")).evaluate,
  },
  {
    name: "verify",
    group: "Training and judging",
    says: "compare a grown model with its source: is the function kept, how far off, why",
    sources: { "<small>": CHECKPOINT, "<grown>": CHECKPOINT },
    face: ["strict", "json"],
    examples: [
      "ligo verify small large  # on random inputs",
      "ligo verify small large --data texts  # with the losses of both",
      "ligo verify small large --strict  # exit code 2 where the function changed",
    ],
    load: async () => (await import("./verify.js")).verify,
  },
  {
    name: "forward",
    group: "Training and judging",
    says: "write logits (and loss) for given inputs, to compare with other frameworks",
    sources: small,
    face: ["json"],
    examples: [
      "ligo forward large --inputs x.safetensors --output y.safetensors  # logits to a file",
      "ligo forward large --inputs x.safetensors --output y.safetensors --json  # names and shapes as JSON",
      "ligo forward large --inputs x.safetensors --output y.safetensors --engine reference  # by the slow engine that others are tested against",
    ],
    load: async () => (await import("./forward.js")).forward,
  },
  {
    name: "inspect",
    says: "show the layout of a checkpoint, or a draft where the architecture is unknown",
    sources: small,
    face: ["json"],
    examples: [
      "ligo inspect small  # spaces, layers, parameters",
      "ligo inspect org/name --json  # a model on the hub, as JSON",
      "ligo inspect some-model --draft > layout.ts  # the start of an architecture",
    ],
    load: async () => (await import("./inspect.js")).inspect,
  },
  {
    name: "board",
    group: "Training and judging",
    says: "show runs and comparisons as a live page in the browser",
    sources: {
      "[folders...]":
        "folders of runs or comparisons, or folders that hold some (default: this one)",
    },
    face: [],
    examples: [
      "ligo board  # runs in this folder",
      "ligo board runs comparison  # of these",
      "ligo board runs --port 8080  # at a port of yours",
    ],
    load: async () => (await import("./board.js")).board,
  },
  {
    name: "push",
    says: "upload a model to the Hugging Face hub, private unless asked otherwise",
    sources: {
      "<folder>": "folder of the model",
      "<name>": "organisation/name on the hub; made where there is none",
    },
    face: ["json", "quiet"],
    examples: [
      "ligo push large org/large --dry-run  # what would be sent",
      "ligo push large org/large  # private",
      "ligo push large org/large --public  # for everyone",
    ],
    load: async () => (await import("./push.js")).push,
  },
  {
    name: "check-gguf",
    says: "say whether llama.cpp's converter takes a model, and what stands in its way",
    sources: small,
    face: ["json"],
    examples: [
      "ligo check-gguf large  # a folder",
      "ligo check-gguf org/large  # from the hub",
      "ligo check-gguf large --json  # as JSON",
    ],
    load: async () => (await import("./check-gguf.js")).checkGguf,
  },
  {
    name: "doctor",
    says: "show which engines compute here, how fast, and what brings those that do not",
    sources: {},
    face: ["json"],
    examples: [
      "ligo doctor  # about ten seconds",
      "ligo doctor --json  # as JSON",
      "ligo doctor > report.txt  # for a bug report",
    ],
    load: async () => (await import("./doctor.js")).doctor,
  },
  {
    name: "completion",
    says: "print a script that completes commands and flags in a shell",
    sources: { "<shell>": "bash, zsh or fish" },
    face: [],
    examples: [
      'eval "$(ligo completion bash)"  # in ~/.bashrc',
      'eval "$(ligo completion zsh)"  # in ~/.zshrc, after compinit',
      "ligo completion fish > ~/.config/fish/completions/ligo.fish  # once",
    ],
    async load() {
      const { completion } = await import("./completion.js");
      return (call, io) => completion(call, io, CATALOG);
    },
  },
];

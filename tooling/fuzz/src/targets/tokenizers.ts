import { loadTokenizer, type TokenizerFile } from "@ligo/data";
import { inputOf } from "../input.js";
import { repositoryFile } from "../repository.js";
import { holds, type Target } from "../target.js";
import { wordPieces } from "./models.js";

const FIXTURES = "packages/data/src/__fixtures__";

/** A tokenizer that Hugging Face's own trained, as its two files. */
function recorded(name: string): TokenizerFile {
  const file = JSON.parse(
    Buffer.from(repositoryFile(`${FIXTURES}/${name}`)).toString(),
  ) as TokenizerFile;
  return { tokenizer: file.tokenizer, config: file.config ?? {} };
}

const special = (id: number, content: string, flags: object = {}): object => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
  ...flags,
});

const METASPACE = {
  type: "Metaspace",
  replacement: "\u2581",
  prepend_scheme: "always",
  split: true,
};

/** As T5's: Unigram over texts whose blanks are marked. */
const UNIGRAM: TokenizerFile = {
  tokenizer: {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>")],
    normalizer: { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Lowercase" }] },
    pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, METASPACE] },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
      pair: [
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "</s>", type_id: 0 } },
        { Sequence: { id: "B", type_id: 0 } },
        { SpecialToken: { id: "</s>", type_id: 0 } },
      ],
      special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } },
    },
    decoder: METASPACE,
    model: {
      type: "Unigram",
      unk_id: 2,
      vocab: [
        ["<pad>", 0],
        ["</s>", 0],
        ["<unk>", 0],
        ["\u2581", -2],
        ["\u2581the", -3],
        ["\u2581cat", -4],
        ["a", -4.5],
        ["c", -4.5],
        ["t", -4.5],
        ["at", -5],
        ["s", -6],
      ],
      byte_fallback: false,
    },
  },
  config: { eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" },
};

const BYTES = Array.from({ length: 256 }, (_, byte): [string, number] => [
  `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  byte + 3,
]);

/** As Llama's: merges over characters, bytes for what is unknown. */
const BYTE_FALLBACK: TokenizerFile = {
  tokenizer: {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "\u2581" },
        { type: "Replace", pattern: { String: " " }, content: "\u2581" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "\u2581" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries([
        ["<unk>", 0],
        ["<s>", 1],
        ["</s>", 2],
        ...BYTES,
        ...["\u2581", "t", "h", "e", "c", "a", "th", "the", "\u2581the", "at"].map(
          (token, index) => [token, 259 + index],
        ),
      ]) as Record<string, number>,
      merges: ["t h", "th e", "\u2581 the", "a t"],
    },
  },
  config: { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" },
};

/** As Llama 3's and Qwen's: byte-level merges over pieces that a pattern cuts, words added with every flag. */
function patterned(): TokenizerFile {
  const { config, tokenizer } = recorded("gpt2-bytes.json");
  const pattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  return {
    config,
    tokenizer: {
      ...tokenizer,
      normalizer: { type: "NFC" },
      added_tokens: [
        special(0, "<|endoftext|>"),
        special(500, "cat", { special: false, normalized: true, single_word: true }),
        special(501, " dog", { special: false, lstrip: true, rstrip: true }),
      ],
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
    },
  };
}

/** Texts that show how a tokenizer cuts. */
const TEXTS: readonly string[] = [
  "the cat sees the dog .",
  "The  Cat's\tcaf\u00e9 \u4e2d\u6587 na\u00efve 1234\n\n",
  "\u{1F468}\u200D\u{1F469} e\u0301 \u0130\u03a3 <s> [MASK] <|endoftext|>",
  "",
  " ",
  "xyz".repeat(50),
];

/** The files of a tokenizer. */
export const tokenizer: Target = {
  name: "tokenizer",
  weight: 8,
  async prepare() {
    const small = [wordPieces(), UNIGRAM, BYTE_FALLBACK];
    const all = [
      ...small,
      ...small,
      recorded("gpt2-bytes.json"),
      recorded("roberta-bytes.json"),
      patterned(),
    ];
    return all.map(({ config, tokenizer: file }) =>
      inputOf({
        "tokenizer.json": file,
        ...(Object.keys(config).length === 0 ? {} : { "tokenizer_config.json": config }),
        "special_tokens_map.json": { unk_token: "[UNK]" },
      }),
    );
  },
  open: async () => ({
    async read(folder) {
      const loaded = await loadTokenizer(folder, { requireMask: false });
      const { framing, special: named, vocabularySize } = loaded;
      const ids = TEXTS.map((text) => loaded.encode(text));
      for (const [index, text] of TEXTS.entries()) {
        const own = ids[index] ?? [];
        const isId = (id: number): boolean => Number.isSafeInteger(id) && id >= 0;
        holds(
          own.every((id) => isId(id) && id < vocabularySize),
          () => `${JSON.stringify(text)} gives the ids ${own.join(", ")} of ${vocabularySize}`,
        );
        holds(typeof loaded.decode(own) === "string", () => "decoding gives no text");
        const placed = loaded.encodePlaced?.(text);
        if (placed === undefined) continue;
        const { ends, ids: there, starts } = placed;
        holds(
          JSON.stringify(there) === JSON.stringify(own) &&
            starts.every((start, at) => start >= 0 && (ends[at] ?? -1) <= text.length),
          () => `the places of ${JSON.stringify(text)} are of other tokens`,
        );
      }
      return { ids, special: named, framed: framing !== undefined };
    },
  }),
};

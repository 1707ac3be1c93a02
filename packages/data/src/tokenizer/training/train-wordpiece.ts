import { BertNormalizer, BertPreTokenizer } from "@huggingface/tokenizers";
import { DataError } from "../../errors/data-error.js";
import { type CountedWord, mergePairs } from "./merge-pairs.js";
import { checkInteger } from "../../errors/check-integer.js";
import type { TokenizerFile } from "../tokenizer-file.js";

/** Options of {@link trainWordPiece}. */
export interface WordPieceOptions {
  /** Pieces wanted, special tokens included; fewer come out of a small text. */
  readonly vocabularySize: number;
  /** Lower-case and strip accents, as the uncased BERTs do. Default true. */
  readonly lowercase?: boolean;
  /** Pairs rarer than this are not joined. Default 2. */
  readonly minimumFrequency?: number;
  /**
   * Most distinct characters kept, the most frequent first; words with others become `[UNK]`. Default 1000 as in Hugging
   * Face's trainer, but at most a quarter of the vocabulary, so that a many-scripted text leaves room for words.
   */
  readonly alphabetLimit?: number;
}

/** Special tokens of BERT, in the order of their ids. */
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** Marks a piece that continues a word. */
const CONTINUES = "##";

/** Longer words always become `[UNK]`, so there is nothing to learn from them. */
const LONGEST_WORD = 100;

/**
 * Trains a BERT tokenizer on `texts`, as Hugging Face's WordPiece trainer does: characters first, then the most frequent
 * pairs joined. The same texts in any order give the same tokenizer (equal counts go by age, then alphabet). The result can be
 * written with `writeTokenizer` and read by `transformers`.
 *
 * @throws DataError `data/empty` if there is no word in `texts`, `data/bad-option`.
 */
export function trainWordPiece(texts: Iterable<string>, options: WordPieceOptions): TokenizerFile {
  const lowercase = options.lowercase ?? true;
  const minimumFrequency = checkInteger("minimumFrequency", options.minimumFrequency ?? 2, 1);
  const size = checkInteger("vocabularySize", options.vocabularySize, SPECIAL.length + 3);
  const quarter = Math.max(1, Math.floor((size - SPECIAL.length) / 4));
  const limit = checkInteger("alphabetLimit", options.alphabetLimit ?? Math.min(1000, quarter), 1);

  const counts = countWords(texts, lowercase);
  if (counts.size === 0) {
    throw new DataError(
      "data/empty",
      "There is no word in the text to train a tokenizer on; give text.",
    );
  }
  const { alphabet, words } = spell(counts, limit);
  if (alphabet.length > size) {
    throw new DataError(
      "data/bad-option",
      `A vocabulary of ${size} does not hold the ${alphabet.length} special tokens and characters; raise \`vocabularySize\` ` +
        "or lower `alphabetLimit`.",
      { expected: `vocabularySize >= ${alphabet.length}`, actual: String(size) },
    );
  }
  const pieces = mergePairs(alphabet, words, {
    limit: size,
    minimumFrequency,
    join: (left, right) => left + right.slice(CONTINUES.length),
  });
  return bertTokenizerFile(pieces, lowercase);
}

/** Counts words, normalised and cut as BERT does. */
function countWords(texts: Iterable<string>, lowercase: boolean): Map<string, number> {
  const chunks = new Map<string, number>();
  for (const text of texts) {
    for (const chunk of text.split(/[ \t\r\n]+/)) {
      if (chunk !== "") chunks.set(chunk, (chunks.get(chunk) ?? 0) + 1);
    }
  }
  const normalizer = new BertNormalizer({
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    lowercase,
  });
  const splitter = new BertPreTokenizer();
  const words = new Map<string, number>();
  for (const [chunk, count] of chunks) {
    for (const word of splitter.pre_tokenize_text(normalizer.normalize(chunk))) {
      words.set(word, (words.get(word) ?? 0) + count);
    }
  }
  return words;
}

/** Special tokens, characters and their continuing forms, and each word spelled in these. */
function spell(
  counts: ReadonlyMap<string, number>,
  limit: number,
): { readonly alphabet: string[]; readonly words: CountedWord[] } {
  const characters = new Map<string, number>();
  const entries = [...counts]
    .map(([word, count]) => ({ letters: Array.from(word), word, count }))
    .filter(({ letters }) => letters.length <= LONGEST_WORD)
    .sort((left, right) => (left.word < right.word ? -1 : 1));
  for (const { letters, count } of entries) {
    for (const letter of letters) characters.set(letter, (characters.get(letter) ?? 0) + count);
  }
  const letters = [...characters]
    .sort(([one, first], [other, second]) => second - first || codePoint(one) - codePoint(other))
    .slice(0, limit)
    .map(([letter]) => letter)
    .sort((one, other) => codePoint(one) - codePoint(other));

  const inside = new Set<string>();
  for (const { letters } of entries) for (const letter of letters.slice(1)) inside.add(letter);
  const continuing = letters.filter((letter) => inside.has(letter)).map((one) => CONTINUES + one);
  const alphabet = [...SPECIAL, ...letters, ...continuing];
  const idOf = new Map(alphabet.map((piece, id) => [piece, id]));
  const words = entries.map(({ letters, count }) => ({
    count,
    pieces: letters.flatMap((letter, index) => {
      // A character beyond the limit is left out, as Hugging Face's trainer does.
      const id = idOf.get(index === 0 ? letter : CONTINUES + letter);
      return id === undefined ? [] : [id];
    }),
  }));
  return { alphabet, words };
}

function codePoint(letter: string): number {
  return letter.codePointAt(0) ?? 0;
}

/** The files Hugging Face writes for a BERT tokenizer with these pieces. */
function bertTokenizerFile(pieces: readonly string[], lowercase: boolean): TokenizerFile {
  const special = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });
  const single = [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)];
  const named = (token: (typeof SPECIAL)[number]): object => ({
    id: token,
    ids: [SPECIAL.indexOf(token)],
    tokens: [token],
  });
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, sequence("B", 1), special("[SEP]", 1)],
      special_tokens: { "[CLS]": named("[CLS]"), "[SEP]": named("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: CONTINUES, cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: CONTINUES,
      max_input_chars_per_word: LONGEST_WORD,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  };
  const config = {
    tokenizer_class: "BertTokenizer",
    do_lower_case: lowercase,
    unk_token: "[UNK]",
    sep_token: "[SEP]",
    pad_token: "[PAD]",
    cls_token: "[CLS]",
    mask_token: "[MASK]",
  };
  return { tokenizer, config };
}

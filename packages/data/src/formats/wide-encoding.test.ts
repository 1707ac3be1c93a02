import { describe, expect, it } from "vitest";
import { checkEncoding } from "./wide-encoding.js";

const TEXTS = {
  English: "The cat sees the dog.\nIt runs away.\n",
  German: "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.\r\n",
  Russian: "Съешь же ещё этих мягких французских булок, да выпей чаю.\n",
  Chinese: `text,label\n${"快速的棕色狐狸跳过懒狗。\n".repeat(30)}`,
  Emoji: "😀 and 👍🏽\n",
};

const encoders: Readonly<Record<string, (text: string) => Buffer>> = {
  "utf-16le": (text) => Buffer.from(text, "utf16le"),
  "utf-16be": (text) => Buffer.from(text, "utf16le").swap16(),
  "utf-32le": (text) => {
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    return Buffer.from(Uint32Array.from(points).buffer);
  },
  "utf-32be": (text) => (encoders["utf-32le"]?.(text) ?? Buffer.alloc(0)).swap32(),
};
const cases = Object.keys(encoders).flatMap((encoding) =>
  Object.keys(TEXTS).flatMap((language) =>
    ["", "\uFEFF"].map((mark) => ({ encoding, language: language as keyof typeof TEXTS, mark })),
  ),
);

describe("text that is not UTF-8", () => {
  it.each(cases)(
    "$language in $encoding with mark '$mark' is named",
    ({ encoding, language, mark }) => {
      const bytes = encoders[encoding]?.(`${mark}${TEXTS[language]}`) ?? new Uint8Array(0);
      expect(() => checkEncoding("x.txt", bytes)).toThrow(`x.txt is UTF-${encoding.slice(4, 6)}`);
      expect(() => checkEncoding("x.txt", bytes)).toThrow(`iconv -f ${encoding} -t utf-8`);
    },
  );

  it.each(Object.values(TEXTS))("%j in UTF-8 is let pass", (text) => {
    for (const mark of ["", "\uFEFF"]) {
      expect(() => checkEncoding("x.txt", Buffer.from(`${mark}${text}`))).not.toThrow();
    }
  });

  it.each([
    "",
    "a",
    "\0",
    "ab\0",
    `${"log line\n".repeat(100)}\0\0\0\0\n`,
    "\uFEFF",
    "caf\xe9 ol\xe9",
  ])("%j is left to the decoder", (text) => {
    expect(() => checkEncoding("x.txt", Buffer.from(text, "latin1"))).not.toThrow();
  });
});

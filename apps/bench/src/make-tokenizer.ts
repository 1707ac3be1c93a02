import { readTexts, trainWordPiece, type TokenizerFile } from "@ligo/data";

/** Word pieces made from the texts in `data`. */
export async function makeTokenizer(
  data: readonly string[],
  vocabularySize: number,
): Promise<TokenizerFile> {
  const texts: string[] = [];
  for await (const { text } of readTexts(data)) texts.push(text);
  return trainWordPiece(texts, { vocabularySize });
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "@ligo/core/zod";

/** Name of a model card, as the Hugging Face hub shows it. */
export const CARD_NAME = "README.md";

/** Most characters of a card whose head is read. */
const LONGEST = 2 ** 20;

/** Keys of a card's head that also hold for what is made of the model. */
export interface InheritedHead {
  readonly license?: string | undefined;
  readonly license_name?: string | undefined;
  readonly license_link?: string | undefined;
  readonly language?: readonly string[] | undefined;
  readonly datasets?: readonly string[] | undefined;
}

const text: z.ZodType<string | undefined> = z.string().optional().catch(undefined);
const texts: z.ZodType<readonly string[] | undefined> = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .optional()
  .catch(undefined);

/** Values of other kinds are passed over. */
const inherited: z.ZodType<InheritedHead> = z.object({
  license: text,
  license_name: text,
  license_link: text,
  language: texts,
  datasets: texts,
});

/** The YAML head of a model card: between two lines of three dashes. */
const HEAD = /^\uFEFF?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)/su;

/** Reads what a card says that also holds for a grown model: licence, languages, data sets. Empty where it says nothing. */
export async function readInheritedHead(card: string): Promise<InheritedHead> {
  const [, head] = HEAD.exec(card.slice(0, LONGEST)) ?? [];
  if (head === undefined) return {};
  const { parse } = await import("yaml");
  try {
    // aliases could make a short text a long one
    return inherited.safeParse(parse(head, { maxAliasCount: 0 })).data ?? {};
  } catch {
    return {};
  }
}

/** The same of the card in a model's folder, where there is one. */
export async function inheritedHeadOf(folder: string): Promise<InheritedHead> {
  let card: string;
  try {
    card = await readFile(join(folder, CARD_NAME), "utf8");
  } catch {
    return {};
  }
  return readInheritedHead(card);
}

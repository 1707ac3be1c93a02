/** Ids of a word. */
export type Encode = (word: string) => readonly number[];

/** Ids of tokens. */
export type Vocabulary = ReadonlyMap<string, number>;

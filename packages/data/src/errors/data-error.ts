import { LigoError } from "@ligo/core";

/** Text, a tokenizer or a batch setting is not acceptable. Codes start with `data/`. */
export class DataError extends LigoError {}

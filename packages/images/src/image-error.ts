import { LigoError } from "@ligo/core";

/** An image, a data set, a preprocessor or a batch setting is not acceptable. Codes start with `images/`. */
export class ImageError extends LigoError {}

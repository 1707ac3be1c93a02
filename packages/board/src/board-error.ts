import { LigoError } from "@ligo/core";

/** The board cannot be served: `board/no-folder`, `board/port-in-use`, `board/no-address`. */
export class BoardError extends LigoError {}

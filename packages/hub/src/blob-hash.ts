import { createHash, type Hash } from "node:crypto";

/** A hash of contents as the hub names them: SHA-256 of files that are stored apart, else the hash git gives a blob of that size. */
export const blobHash = (size: number, isApart: boolean): Hash =>
  isApart ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);

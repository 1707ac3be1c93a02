import { sep } from "node:path";

/** A path as a URL spells it, on Windows too. */
export const posix = (path: string): string => path.replaceAll(sep, "/");

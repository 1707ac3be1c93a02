import { resolve } from "node:path";

/** Where the caller is: npm runs the scripts of a workspace in its folder and leaves the caller's in INIT_CWD. */
export const CALLER: string = process.env["INIT_CWD"] ?? process.cwd();

/** A path as the caller means it. */
export const callerPath = (path: string): string => resolve(CALLER, path);

import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Folder that tokens are kept in unless told otherwise: `LIGO_CACHE`, else `ligo` in `XDG_CACHE_HOME`, else `.cache/ligo` in the home
 * folder.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { LIGO_CACHE: own, XDG_CACHE_HOME: shared } = env;
  if (own !== undefined && own !== "") return own;
  return join(shared === undefined || shared === "" ? join(homedir(), ".cache") : shared, "ligo");
}

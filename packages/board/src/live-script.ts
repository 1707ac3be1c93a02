import { readFileSync } from "node:fs";

/** The script that keeps a page up to date, as a module without imports. */
export const liveScript = (): string =>
  readFileSync(new URL("./browser/live.js", import.meta.url), "utf8");

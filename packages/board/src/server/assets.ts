import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { liveScript } from "../live-script.js";
import { chartLibrary, chartStyle, pageScript, STYLE } from "@ligo/report";

/** A file that pages load. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const SCRIPT = "text/javascript; charset=utf-8";
const STYLES = "text/css; charset=utf-8";

/** Everything that pages load, by its path. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  return new Map(
    Object.entries({
      "/assets/style.css": { type: STYLES, text: chartStyle() + STYLE },
      "/assets/charts.js": { type: SCRIPT, text: chartLibrary() },
      "/assets/morph.js": { type: SCRIPT, text: morphLibrary() },
      "/assets/page.js": { type: SCRIPT, text: pageScript() },
      "/assets/live.js": { type: SCRIPT, text: liveScript() },
    }),
  );
}

/** Idiomorph as a script that makes it a global; its package exports modules alone, which name no file. */
function morphLibrary(): string {
  const folders = createRequire(import.meta.url).resolve.paths("idiomorph") ?? [];
  const file = folders
    .map((folder) => join(folder, "idiomorph", "dist", "idiomorph.min.js"))
    .find((path) => existsSync(path));
  if (file === undefined) throw new Error("The package idiomorph is not installed.");
  return readFileSync(file, "utf8");
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const asset = (name: string): string =>
  readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${name}`), "utf8");

/** The script that draws the charts of a page, as a module without imports; it needs {@link chartLibrary}. */
export const pageScript = (): string =>
  readFileSync(new URL("./browser/page.js", import.meta.url), "utf8").replace(
    /^\/\/# sourceMappingURL.*$/mu,
    "",
  );

/** uPlot as a script that makes it a global, and its style. */
export const chartLibrary = (): string => asset("uPlot.iife.min.js");
export const chartStyle = (): string => asset("uPlot.min.css");

import type { Options } from "tsup";
import { withBrowserScript } from "../../tsup.config.js";

/** The script of the live page is a file that the server hands out. */
const options: Options[] = withBrowserScript("live");

export default options;

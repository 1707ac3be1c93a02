import type { Options } from "tsup";
import { withBrowserScript } from "../../tsup.config.js";

/** The script of pages stands in them. */
const options: Options[] = withBrowserScript("page");

export default options;

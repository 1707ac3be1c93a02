/** JSON files that somebody brings, read as Python reads and writes them. */
export { decodeText } from "./decode-text.js";
export { MAX_DEPTH, parseNested } from "./depth.js";
export { findDuplicateKey } from "./duplicate-key.js";
export { parseJson, type ParseJsonOptions } from "./parse-json.js";
export { pythonNumber } from "./python-number.js";
export { layOver, spellingOf } from "./spelling.js";
export { editDistance } from "../nearest-name.js";
export { printable, redacted, shortened } from "../plain-text.js";

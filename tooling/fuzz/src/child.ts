import { serveChild } from "./serve-child.js";
import { TARGETS } from "./targets/index.js";

serveChild(TARGETS);

import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** The rooms that are imported by a path of their own. */
const ROOMS = ["json", "layout", "operator", "methods", "cost", "stream"];

/** The build holds the part of zod that `src/zod.ts` names, and zod's licence. */
const options: Options = {
  ...shared,
  entry: {
    index: "src/index.ts",
    zod: "src/zod.ts",
    ...Object.fromEntries(ROOMS.map((room) => [room, `src/${room}/index.ts`])),
  },
  noExternal: ["zod"],
  async onSuccess() {
    const zod = dirname(createRequire(import.meta.url).resolve("zod/package.json"));
    copyFileSync(join(zod, "LICENSE"), join("dist", "LICENSE-zod"));
  },
};

export default options;

import type { Options } from "tsup";
import shared from "../../tsup.config.js";

/** The rooms that are imported by a path of their own. */
const ROOMS = ["json", "layout", "operator", "methods", "cost", "stream"];

/** The build holds the part of zod that `src/zod.ts` names. */
const options: Options = {
  ...shared,
  entry: {
    index: "src/index.ts",
    zod: "src/zod.ts",
    ...Object.fromEntries(ROOMS.map((room) => [room, `src/${room}/index.ts`])),
  },
};

export default options;

import * as z from "@ligo/core/zod";
import { defineSettings, type CommandSettings } from "./define.js";
import { text } from "./kinds.js";
import type { BoardSettings, CheckedBoardSettings } from "./types.generated.js";

/** Highest number of a port. */
const PORTS = 65_535;

export const boardSettings: CommandSettings<BoardSettings, CheckedBoardSettings> = defineSettings<
  BoardSettings,
  CheckedBoardSettings
>("board", {
  host: text({
    group: "run",
    holder: "address",
    says: "Address that the page is served on; another than the default shows the runs to whoever reaches it.",
  }).default("127.0.0.1"),
  port: z.number().int().min(0).max(PORTS).meta({
    group: "run",
    holder: "n",
    otherwise: "5210, or the next one that is free",
    says: "Port that the page is served on; 0 for any.",
  }),
});

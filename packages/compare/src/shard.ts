import type * as z from "@ligo/core/zod";
import { compareSettings, describeSettings, type Shard } from "@ligo/sdk/settings";

export type { Shard } from "@ligo/sdk/settings";

const setting = compareSettings.schema.shape["shard"] as z.ZodType<Shard | undefined>;

/** Syntax of a shard in words. */
export const SHARD_SYNTAX: string =
  describeSettings(compareSettings).find(({ name }) => name === "shard")?.must ?? "";

/** `2/4`: the second of four parts; `undefined` for anything else. */
export function parseShard(text: string): Shard | undefined {
  return setting.safeParse(text).data;
}

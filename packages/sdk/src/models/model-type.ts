import type { RawConfig } from "@ligo/core";

/** The `model_type` of a config as text, whatever somebody wrote there; "undefined" where there is none. */
export const modelTypeOf = ({ model_type: type }: RawConfig): string =>
  typeof type === "string" ? type : (JSON.stringify(type) ?? "undefined");

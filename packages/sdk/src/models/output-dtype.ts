import type { FloatDtype, OutputDtype } from "@ligo/checkpoint";

/** How the command line spells the dtype of written weights. */
export type DtypeName = "f32" | "f16" | "bf16";

const OUTPUT: Readonly<Record<DtypeName, OutputDtype>> = { f32: "F32", f16: "F16", bf16: "BF16" };

/** The dtype asked for, else the source's. */
export function outputDtype(asked: DtypeName | undefined, source: FloatDtype): OutputDtype {
  if (asked !== undefined) return OUTPUT[asked];
  return source === "F64" ? "F32" : source;
}

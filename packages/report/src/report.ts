import type { CurvePoint } from "./savings.js";

/** A line in the plots. */
export interface ReportCurve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

/** A table with a caption; its first row is the head. */
export interface ReportTable {
  readonly caption: string;
  readonly rows: readonly (readonly string[])[];
}

/** Everything a report shows. */
export interface Report {
  readonly title: string;
  /** One sentence a reader takes away. */
  readonly headline: string;
  readonly curves: readonly ReportCurve[];
  /** Held-out loss the savings are measured at: drawn as a line. */
  readonly targetLoss: number;
  /** Name of that line. Default: scratch's end. */
  readonly targetName?: string;
  /** Unit of the axis of FLOPs. Default TFLOP. */
  readonly flopsUnit?: { readonly name: string; readonly size: number };
  readonly tables: readonly ReportTable[];
  readonly notes: readonly string[];
}

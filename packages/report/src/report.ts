import type { ModelSize } from "./components/growth-picture.js";
import type { Band, CurvePoint } from "./savings.js";

/** A line in the plots. */
export interface ReportCurve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** Range of the losses at every point, where it is a mean of several. */
  readonly band?: readonly Band[] | undefined;
}

/** A table with a caption; its first row is the head. */
export interface ReportTable {
  readonly caption: string;
  readonly rows: readonly (readonly string[])[];
}

/** Everything a report shows. */
export interface Report {
  /** Subject in one line: the methods, and the sizes from small to large. */
  readonly title: string;
  /** Kind of report, a word or two above the title. Default `report`. */
  readonly kind?: string | undefined;
  /** One sentence a reader takes away. */
  readonly headline: string;
  /** Sizes of the two models, for a picture. */
  readonly growth?: { readonly small: ModelSize; readonly large: ModelSize } | undefined;
  readonly curves: readonly ReportCurve[];
  /** Held-out loss the savings are measured at: drawn as a line, where it is a number. */
  readonly targetLoss: number;
  /** Name of that line. Default: scratch's final loss. */
  readonly targetName?: string;
  readonly tables: readonly ReportTable[];
  readonly notes: readonly string[];
}

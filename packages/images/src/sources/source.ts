import type { Pixels } from "../pixels.js";

/** A file of a folder that is not read, as its name is hidden or of another kind. */
export interface LeftOutFile {
  readonly file: string;
  readonly why: "hidden" | "kind";
}

/** Images of one kind of file, with class names of their own. */
export interface ImageSource {
  readonly classes: readonly string[];
  /** True where the files hold numbers only, so that `classes` are these numbers. */
  readonly numbered: boolean;
  /** Indices into `classes`, one per image. */
  readonly labels: readonly number[];
  nameOf(index: number): string;
  pixels(index: number): Promise<Pixels>;
}

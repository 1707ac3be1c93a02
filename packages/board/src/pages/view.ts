import type { Markup } from "@ligo/report";

/** A page as it stands: everything that changes while it is looked at. */
export interface View {
  /** Title of the window. */
  readonly title: string;
  readonly heading: string;
  /** A line above the heading. */
  readonly eyebrow: Markup;
  readonly main: Markup;
}

/** Address of the page of a run or a comparison. */
export const linkTo = (id: string): string =>
  `/show/${id.split("/").map(encodeURIComponent).join("/")}`;

/** Colours of a page, as hexadecimal RGB. */
export interface Theme {
  /** Background of the page, and of the cards on it. */
  readonly paper: string;
  readonly surface: string;
  /** Text, and text that matters less. */
  readonly ink: string;
  readonly muted: string;
  /** Borders and grids. */
  readonly line: string;
  /** Links and the present step; success, caution, failure. */
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  /** Weights below zero in heat maps; those above take `accent`. */
  readonly negative: string;
  /** Curves, in the order of a chart. */
  readonly series: readonly string[];
}

export const LIGHT: Theme = {
  paper: "#f5f6f8",
  surface: "#ffffff",
  ink: "#1b1f24",
  muted: "#57606a",
  line: "#d8dde3",
  accent: "#0b57d0",
  good: "#1a7f37",
  warn: "#875800",
  bad: "#b3261e",
  negative: "#c2410c",
  series:
    "#5f6b76 #0b57d0 #c2334d #2e7d32 #8e44ad #b86200 #0e7c86 #c2187a #7a5230 #4f5bd5 #6b7a00 #d84315".split(
      " ",
    ),
};

export const DARK: Theme = {
  paper: "#0f1216",
  surface: "#181c22",
  ink: "#e6e9ed",
  muted: "#a0aab5",
  line: "#313842",
  accent: "#82b1ff",
  good: "#5bd56f",
  warn: "#e3b341",
  bad: "#ff8a80",
  negative: "#ff9d5c",
  series:
    "#a3adb8 #82b1ff #ff7b8a #6cc970 #c79bf0 #f0a34a #4fc3cf #ff86c8 #c9a07a #98a2ff #c0cf4a #ff9a76".split(
      " ",
    ),
};

/** A theme as custom properties of CSS: `--ink`, `--series-0`. */
export function themeProperties({ series, ...theme }: Theme): string {
  return [...Object.entries(theme), ...series.map((colour, index) => [`series-${index}`, colour])]
    .map(([name, colour]) => `--${name}:${colour};`)
    .join("");
}

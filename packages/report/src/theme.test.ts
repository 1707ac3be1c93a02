import { describe, expect, it } from "vitest";
import { DARK, LIGHT } from "./theme.js";

type Rgb = readonly [number, number, number];

const rgb = (colour: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;

/** A colour over another, as `color-mix(in srgb, over share, under)` has it. */
const mixed = (over: string, under: string, share: number): Rgb => {
  const [top, ground] = [rgb(over), rgb(under)];
  return top.map((value, k) => share * value + (1 - share) * (ground[k] ?? 0)) as unknown as Rgb;
};

/** Relative luminance and contrast by WCAG 2.2. */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("the %s theme", (_, theme) => {
  it.each(["ink", "muted", "accent", "good", "warn", "bad"] as const)(
    "has text in %s that can be read (WCAG AA, 4.5)",
    (name) => {
      for (const ground of [theme.paper, theme.surface])
        expect(contrast(rgb(theme[name]), rgb(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("has curves that stand out (WCAG AA of graphics, 3), each in a colour of its own", () => {
    for (const colour of theme.series)
      expect(contrast(rgb(colour), rgb(theme.surface)), colour).toBeGreaterThanOrEqual(3);
    expect(new Set(theme.series).size).toBe(theme.series.length);
  });

  it("has numbers on the strongest cells of a heat map that can be read", () => {
    for (const colour of [theme.accent, theme.negative])
      expect(
        contrast(rgb(theme.ink), mixed(colour, theme.surface, 0.45)),
        colour,
      ).toBeGreaterThanOrEqual(4.5);
  });
});

it("has as many curves in dark as in light", () => {
  expect(DARK.series).toHaveLength(LIGHT.series.length);
});

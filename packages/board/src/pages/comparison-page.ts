import {
  comparisonTitle,
  headline,
  lossTable,
  referenceOf,
  savingsTable,
  sizesOf,
  type CellResult,
} from "@ligo/compare";
import {
  badge,
  bandOf,
  chartFigure,
  FLOPS,
  growthPicture,
  html,
  placesOf,
  sparkline,
  stepper,
  STEPS,
  table,
  TIME,
  type Chart,
  type ChartSeries,
  type Content,
  type Markup,
  type PhaseStep,
} from "@ligo/report";
import type { ComparisonView, OpenCell } from "../read/comparison.js";
import { linkTo, type View } from "./view.js";

/** The page of a comparison. */
export function comparisonPage(id: string, comparison: ComparisonView): View {
  const { methods, results, state, summaries } = comparison;
  const subject =
    results === undefined ? `${comparison.title}: ${methods.join(", ")}` : comparisonTitle(results);
  const sizes = results && sizesOf(results);
  const of = results && { reference: referenceOf(results.comparison) };
  const [done, all] = counts(comparison);
  const hasCells = done > 0;
  return {
    title: `${state === "running" ? `${done} of ${all}` : state}: ${subject}`,
    heading: subject,
    eyebrow: html`Comparison in <code>${comparison.folder}</code>`,
    main: html`
      <p>${badge(state)}</p>
      <p class="headline">${verdict(comparison)}</p>
      ${stepper(phasesOf(comparison))} ${table("Runs", gridRows(id, comparison))}
      ${(hasCells || comparison.open.some(({ curve }) => curve.length > 0)) && chartFigure(lossChart(comparison))}
      ${sizes && html`<section class="card" id="sizes">${growthPicture(sizes.source, sizes.target)}</section>`}
      ${of && hasCells && table("Final held-out loss", lossTable(summaries, of))}
      ${of && hasCells && table(`Saved until ${of.reference}'s final held-out loss is reached, growth included`, savingsTable(summaries, of))}
    `,
  };
}

/** Cells that are done, and cells in all. */
export const counts = ({
  methods,
  results,
  seeds,
}: ComparisonView): readonly [done: number, all: number] => [
  results?.cells.length ?? 0,
  methods.length * seeds.length,
];

/** The one sentence to take away, or that it is too early for one: seeds must separate the rows first. */
export function verdict(comparison: ComparisonView): string {
  const { results, seeds, summaries } = comparison;
  const [done, all] = counts(comparison);
  if (results === undefined || done === 0) return "Too early to say: no run has come to its end.";
  if (done < all)
    return `Too early to say: ${done} of ${all} runs ${done === 1 ? "is" : "are"} done.`;
  const told = headline(summaries, { reference: referenceOf(results.comparison) });
  if (seeds.length < 2) return `Too early to say which is best. ${told}`;
  const isTied = summaries.some((row) => row.isTied);
  return isTied
    ? `Too early to say which is best: seeds do not separate the first rows. ${told}`
    : told;
}

function phasesOf(comparison: ComparisonView): readonly PhaseStep[] {
  const { open, results, sources, state } = comparison;
  const [done, all] = counts(comparison);
  const needsSources = typeof results?.comparison.source !== "string";
  const isTuned = results?.comparison.rates !== undefined;
  const hasBegun = done > 0 || open.some((cell) => cell.state !== "waiting");
  const now = state === "running" ? "now" : "todo";
  const isPast = hasBegun || state === "finished";
  return [
    ...(needsSources
      ? [
          {
            name: "Train sources",
            state: sources.running ? now : isPast || sources.done > 0 ? "done" : "todo",
            detail: sources.done > 0 ? `${sources.done}` : undefined,
          } as const,
        ]
      : []),
    ...(isTuned
      ? [{ name: "Choose rates", state: isPast ? "done" : sources.running ? "todo" : now } as const]
      : []),
    {
      name: "Grow and train",
      state: done === all ? "done" : hasBegun ? now : "todo",
      detail: `${done} of ${all}`,
    },
    { name: "Report", state: state === "finished" ? "done" : "todo" },
  ];
}

function gridRows(
  id: string,
  { methods, open, results, seeds }: ComparisonView,
): readonly (readonly Content[])[] {
  const cell = (name: string, seed: number): Content => {
    const done = results?.cells.find((one) => one.name === name && one.seed === seed);
    if (done !== undefined) return doneCell(done);
    return openCellOf(
      id,
      open.find((one) => one.name === name && one.seed === seed),
    );
  };
  return [
    ["method", ...seeds.map((seed) => `seed ${seed}`)],
    ...methods.map((name) => [name, ...seeds.map((seed) => cell(name, seed))]),
  ];
}

function doneCell({ curve, diverged, name, seed }: CellResult): Markup {
  if (diverged !== null) return badge("failed", "diverged");
  const losses = curve.map(({ loss }) => loss);
  return html`${sparkline(`Held-out loss of ${name}, seed ${seed}`, losses)}
  ${(losses.at(-1) ?? Number.NaN).toFixed(3)}`;
}

function openCellOf(id: string, cell: OpenCell | undefined): Markup {
  if (cell === undefined || cell.state === "waiting") return html`<span class="muted">waits</span>`;
  const { doing, run, state, step, steps } = cell;
  const where = steps === 0 ? doing : `${doing}, ${step} of ${steps}`;
  const told = run === undefined ? where : html`<a href="${linkTo(`${id}/${run}`)}">${where}</a>`;
  return html`${badge(state)} ${told}`;
}

/** Mean curves of the rows with the range of their seeds, and cells under way as thin lines. */
function lossChart({ methods, open, results, summaries }: ComparisonView): Chart {
  const reference = results && referenceOf(results.comparison);
  const end = summaries.find(({ name }) => name === reference)?.endLoss?.mean;
  const means = methods.flatMap((method, colour): ChartSeries[] => {
    const row = summaries.find(({ name }) => name === method);
    if (row === undefined || row.curve.length === 0) return [];
    const curves = (results?.cells ?? []).filter(
      ({ diverged, name }) => name === method && diverged === null,
    );
    const band = bandOf(curves.map(({ curve }) => curve));
    return [
      {
        name: method,
        at: placesOf(row.curve),
        values: row.curve.map(({ loss }) => loss),
        low: band?.map(({ low }) => low),
        high: band?.map(({ high }) => high),
        colour,
      },
    ];
  });
  const live = open
    .filter(({ curve, state }) => state === "running" && curve.length > 0)
    .map(({ curve, name, seed }): ChartSeries => ({
      name: `${name}, seed ${seed}, under way`,
      at: placesOf(curve),
      values: curve.map(({ loss }) => loss),
      look: "faint",
      colour: Math.max(0, methods.indexOf(name)),
    }));
  return {
    id: "losses",
    title: "Held-out loss, growth included",
    measures: [FLOPS, TIME, STEPS],
    series: [...means, ...live],
    levels: end === undefined ? [] : [{ name: `${reference}'s final loss`, value: end }],
    shows: "later",
  };
}

import { badge, commandLine, html, sparkline, type Markup } from "@ligo/report";
import type { ComparisonView } from "../read/comparison.js";
import type { Root } from "../read/find-runs.js";
import type { RunView } from "../read/run.js";
import { inCode } from "./in-code.js";
import { counts, verdict } from "./comparison-page.js";
import { thinned } from "./run-charts.js";
import { runSubject, shareDone } from "./run-page.js";
import { firstLine } from "./shell-lines.js";
import { linkTo, type View } from "./view.js";

/** A run or a comparison in the list of all. */
export type Listed =
  | { readonly id: string; readonly kind: "run"; readonly view: RunView }
  | { readonly id: string; readonly kind: "comparison"; readonly view: ComparisonView };

/** The page of all runs and comparisons. */
export function overviewPage(roots: readonly Root[], listed: readonly Listed[]): View {
  const running = listed.filter(({ view }) => view.state === "running").length;
  const names = roots.map(({ name }) => name).join(", ");
  const heading = listed.length === 0 ? "No runs yet" : headingOf(listed);
  return {
    title: running > 0 ? `${running} running: ${names}` : `Runs in ${names}`,
    heading,
    eyebrow: html`Runs in
    ${roots.map(({ folder }, index) => html`${index > 0 && ", "}<code>${folder}</code>`)}`,
    main:
      listed.length === 0
        ? empty(roots)
        : html`<div class="grid" id="all">${inOrder(listed).map(card)}</div>`,
  };
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Those under way come first. */
const inOrder = (listed: readonly Listed[]): readonly Listed[] =>
  listed.toSorted(
    (a, b) => Number(b.view.state === "running") - Number(a.view.state === "running"),
  );

function headingOf(listed: readonly Listed[]): string {
  const of = (wanted: Listed["kind"]): number =>
    listed.filter(({ kind }) => kind === wanted).length;
  const parts = [
    [of("run"), "run"],
    [of("comparison"), "comparison"],
  ] as const;
  return parts.flatMap(([count, name]) => (count === 0 ? [] : [counted(count, name)])).join(", ");
}

const empty = ([root]: readonly Root[]): Markup =>
  html`<section class="card" id="empty">
    <p>
      This page shows what runs write, as soon as their first step is about to be done. One that
      grows a checkpoint, for example:
    </p>
    ${commandLine(firstLine(root?.folder ?? "."))}
    <p class="muted">It looks for new runs by itself; there is no need to load it again.</p>
  </section>`;

function card(listed: Listed): Markup {
  const { id } = listed;
  const [subject, about, losses] =
    listed.kind === "run" ? runWords(listed.view) : comparisonWords(listed.view);
  return html`<section class="card" id="card-${id}">
    <p>${badge(listed.view.state)} <span class="muted">${id}</span></p>
    <h2><a href="${linkTo(id)}">${subject}</a></h2>
    <p>${losses.length > 1 && sparkline(`Losses of ${id}`, losses)} ${inCode(about)}</p>
  </section>`;
}

type Words = readonly [subject: string, about: string, losses: readonly number[]];

function runWords(run: RunView): Words {
  const { losses, metrics, state } = run;
  const heldOut = run.command === "grow" ? losses.grown : metrics.evaluations.at(-1)?.loss;
  const about = [
    ...(run.steps === 0 ? [] : [`${Math.floor(100 * shareDone(run))} % of ${run.steps} steps`]),
    ...(heldOut === undefined ? [] : [`held-out loss ${heldOut.toFixed(3)}`]),
    ...(state === "failed" ? [run.because] : []),
  ];
  return [runSubject(run), about.join("; "), thinned(metrics.steps.loss, 60)];
}

function comparisonWords(comparison: ComparisonView): Words {
  const { methods, seeds, title } = comparison;
  const [done, all] = counts(comparison);
  const about = done < all ? verdict(comparison) : `${counted(all, "run")} done.`;
  return [
    `${title}: ${methods.join(", ")}`,
    `${counted(methods.length, "method")}, ${counted(seeds.length, "seed")}. ${about}`,
    [],
  ];
}

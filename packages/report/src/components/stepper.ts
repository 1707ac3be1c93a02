import { html, type Markup } from "../html.js";

/** A phase of a run. */
export interface PhaseStep {
  readonly name: string;
  readonly state: "done" | "now" | "failed" | "todo";
  /** Time it took, or how far it is. */
  readonly detail?: string | undefined;
}

/** The phases of a run in their order, the present one marked. */
export function stepper(phases: readonly PhaseStep[]): Markup {
  return html`<ol class="steps" aria-label="Phases">
    ${phases.map(
      ({ detail, name, state }) =>
        html`<li class="${state}" ${state === "now" && html`aria-current="step"`}>
          ${name}${detail !== undefined && html` <small>${detail}</small>`}
        </li>`,
    )}
  </ol>`;
}

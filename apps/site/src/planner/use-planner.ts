import { computed, reactive, shallowRef, watch, type ComputedRef, type ShallowRef } from "vue";
import { architectures } from "./architectures.js";
import { EXAMPLES } from "./examples.js";
import { parseForm, type PlannerForm } from "./form.js";
import { planFor, type Outcome } from "./plan.js";
import { fetchConfig, isHubId } from "./read-config.js";

/** A field that takes a config: what is in it, and what came of fetching it. */
export type ConfigField = "source" | "keys";

/** The state of the planner page. */
export interface Planner {
  readonly form: PlannerForm;
  readonly outcome: ShallowRef<Outcome>;
  /** What a field is waiting for, or why it failed. */
  readonly notes: Record<ConfigField, string>;
  readonly isHubId: ComputedRef<boolean>;
  /** Fills the form with an example. */
  readonly show: (name: string) => void;
  /** Takes text that was dropped into a field. */
  readonly drop: (field: ConfigField, name: string, text: string) => void;
  /** Fetches the config that the source's id names. */
  readonly load: () => Promise<void>;
}

const WAIT = 150;

const pretty = (value: object): string => JSON.stringify(value, null, 2);

/** Fields as they are at first: the first example, twice as large. */
function initialForm(): PlannerForm {
  const [{ config, from }] = EXAMPLES as [(typeof EXAMPLES)[number]];
  return {
    from,
    source: pretty(config),
    kind: "word",
    word: "2x",
    parameters: "300M",
    keys: '{"num_hidden_layers": 40}',
    batch: "8",
    sequence: "512",
    learningSteps: "100",
    budget: "10M",
    rate: "100",
  };
}

/** The planner page's state, planned anew shortly after every change. */
export function usePlanner(): Planner {
  const form = reactive(initialForm());
  const notes = reactive<Record<ConfigField, string>>({ source: "", keys: "" });
  const made = (): Outcome => {
    const { error, wishes } = parseForm(form);
    return wishes === undefined ? { error } : planFor(wishes, architectures);
  };
  const outcome = shallowRef(made());
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(form, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      outcome.value = made();
    }, WAIT);
  });
  return {
    form,
    notes,
    outcome,
    isHubId: computed(() => isHubId(form.from)),
    show(name) {
      const example = EXAMPLES.find((one) => one.name === name);
      if (example === undefined) return;
      notes.source = "";
      Object.assign(form, { from: example.from, source: pretty(example.config) });
    },
    drop(field, name, text) {
      notes[field] = name;
      form[field] = text;
      if (field === "keys") form.kind = "keys";
      else form.from = "small";
    },
    async load() {
      notes.source = "Asking the hub ...";
      const { config, error } = await fetchConfig(form.from, fetch);
      notes.source = error ?? "";
      if (config !== undefined) form.source = pretty(config);
    },
  };
}

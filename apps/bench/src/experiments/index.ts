import {
  bert,
  bertLarge,
  bertSmallLarge,
  depth,
  growthSteps,
  partialSource,
  strategies,
  width,
} from "./bert.js";
import type { Experiment } from "./experiment.js";
import { gpt2, moments } from "./gpt2.js";
import { roberta } from "./roberta.js";
import { cait, deit } from "./vision.js";

/** The experiments, in the order of the paper, and one that it does not have. */
export const EXPERIMENTS: readonly Experiment[] = [
  bert,
  bertLarge,
  bertSmallLarge,
  roberta,
  gpt2,
  deit,
  cait,
  depth,
  width,
  growthSteps,
  partialSource,
  strategies,
  moments,
];

/** The checks as plain functions, for use without a test runner. */
import type { Architecture } from "@ligo/core";
import { checkConfigs } from "./checks/config.js";
import { checkContract } from "./checks/contract.js";
import { checkDropout } from "./checks/dropout.js";
import { checkIdentityGrowth, checkRoundTrip, checkShards } from "./checks/files.js";
import { checkDepth, checkWidth } from "./checks/growth.js";
import { checkGrownGradients } from "./checks/grown-gradients.js";
import { checkKeptFunctions } from "./checks/kept-functions.js";
import {
  checkClasses,
  checkCoverage,
  checkShapes,
  checkTiedNames,
  checkUntiedTwins,
} from "./checks/headers.js";
import { checkNameVariants, checkUnknownTensors } from "./checks/names.js";
import { checkNewTokens } from "./checks/new-tokens.js";
import { checkOperatorGradients } from "./checks/operator-gradients.js";
import { checkForward, checkGradients } from "./checks/parity.js";
import { checkRandomSizes } from "./checks/random-sizes.js";
import { checkFusedAxes, checkGroupedQuery, checkStableLayout } from "./checks/structure.js";
import type { ArchitectureFixtures } from "./fixtures.js";
import type { Outcome } from "./problem.js";

/** One check of the kit. */
export interface Check {
  /** Short and stable: `coverage`. */
  readonly name: string;
  /** Demand on an architecture, in a few words. */
  readonly title: string;
  run(architecture: Architecture, fixtures: ArchitectureFixtures): Promise<Outcome>;
}

/** All checks, in the order in which mending them makes sense. */
export const checks: readonly Check[] = [
  {
    name: "contract",
    title: "model types, schema and config keys are what specification v1 asks for",
    run: checkContract,
  },
  {
    name: "coverage",
    title: "every saved tensor is read, every parameter is saved",
    run: checkCoverage,
  },
  { name: "shapes", title: "shapes follow from the config", run: checkShapes },
  {
    name: "classes",
    title: "every class has headers, a layout and a forward pass",
    run: checkClasses,
  },
  { name: "variants", title: "name variants are read to the same tensors", run: checkNameVariants },
  { name: "round-trip", title: "reading and writing change nothing", run: checkRoundTrip },
  {
    name: "tied-names",
    title: "what is written is what save_pretrained writes",
    run: checkTiedNames,
  },
  {
    name: "untied-twins",
    title: "untied, the readout and its copies are written",
    run: checkUntiedTwins,
  },
  {
    name: "identity",
    title: "growing to the same sizes gives the same file",
    run: checkIdentityGrowth,
  },
  { name: "width", title: "twice the width keeps the outputs", run: checkWidth },
  {
    name: "depth",
    title: "zero blocks keep the outputs, or the layout says they cannot",
    run: checkDepth,
  },
  {
    name: "kept-functions",
    title: "every growth keeps the outputs where a method says so",
    run: checkKeptFunctions,
  },
  {
    name: "new-tokens",
    title: "more tokens keep the outputs over those there were",
    run: checkNewTokens,
  },
  { name: "fused-axes", title: "fused axes split in the original's order", run: checkFusedAxes },
  { name: "grouped-query", title: "fewer heads of keys and values", run: checkGroupedQuery },
  { name: "config", title: "config.json is kept, grown and read again", run: checkConfigs },
  { name: "shards", title: "shards are read like one file", run: checkShards },
  { name: "unknown-tensors", title: "unknown tensors are refused", run: checkUnknownTensors },
  {
    name: "stable-layout",
    title: "the layout is plain data and depends on the config alone",
    run: checkStableLayout,
  },
  {
    name: "forward-onnx",
    title: "outputs are the original's, on the onnx engine",
    run: (architecture, fixtures) => checkForward(architecture, fixtures, "onnx"),
  },
  {
    name: "forward-reference",
    title: "outputs are the original's, on the reference engine",
    run: (architecture, fixtures) => checkForward(architecture, fixtures, "reference"),
  },
  {
    name: "gradients-onnx",
    title: "loss and gradients are the original's, on the onnx engine",
    run: (architecture, fixtures) => checkGradients(architecture, fixtures, "onnx"),
  },
  {
    name: "gradients-reference",
    title: "loss and gradients are the original's, on the reference engine",
    run: (architecture, fixtures) => checkGradients(architecture, fixtures, "reference"),
  },
  {
    name: "dropout",
    title: "in training mode, what the original drops is dropped",
    run: checkDropout,
  },
  {
    name: "operator-gradients",
    title: "a LiGO operator's gradients are those of finite differences",
    run: checkOperatorGradients,
  },
  {
    name: "grown-gradients",
    title: "gradients taken over from the source are those of the grown model",
    run: checkGrownGradients,
  },
  { name: "random-sizes", title: "any sizes lay out, plan and grow", run: checkRandomSizes },
];

export type {
  ArchitectureFixtures,
  FixtureTensor,
  FixtureTensors,
  HeaderCase,
  NameVariant,
  RecordedCheckpoint,
  RecordedDropout,
  RecordedHeaders,
  SizeDraw,
} from "./fixtures.js";
export { compareEngines } from "./compare-engines.js";
export { renameTensors } from "./fixtures.js";
export { formatProblems, problemsOf, type Outcome, type Problem } from "./problem.js";
export { readRecordedCheckpoint, readTensors } from "./read-recorded.js";

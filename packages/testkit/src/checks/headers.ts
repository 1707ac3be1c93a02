import { checkConfig, type Layout, type Architecture } from "@ligo/core";
import { expandLayout, writtenTensors } from "@ligo/core/layout";
import { initialWeights } from "@ligo/train";
import type { ArchitectureFixtures, HeaderCase } from "../fixtures.js";
import {
  engines,
  headerConfig,
  headerName,
  layOut,
  makeModel,
  newestVersion,
  runForward,
  withoutLabels,
} from "../models.js";
import { attempt, type Outcome, type Problem } from "../problem.js";
import { missingCheckpoints, missingHeaders } from "./missing-fixtures.js";
import { headerDifferences, headerOf, resolveAll } from "./resolve-all.js";

const LAYOUT_FAILS =
  "Make `config` accept the recorded config and `layout` return a layout for it and for this class.";

/** Runs a part of a check on every recorded header of interest. */
async function forHeaders(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  wanted: (one: HeaderCase) => boolean,
  work: (name: string, layout: Layout, one: HeaderCase) => readonly Problem[],
): Promise<readonly Problem[]> {
  const found = fixtures.headers.cases.filter(wanted).map((one) =>
    attempt(headerName(one), LAYOUT_FAILS, () => {
      const raw = headerConfig(architecture, fixtures, one);
      return work(headerName(one), layOut(architecture, raw, one.class).layout, one);
    }),
  );
  return [...missingHeaders(fixtures), ...(await Promise.all(found)).flat()];
}

/**
 * Check 1: every tensor of every recorded file is read, and every parameter of the layout is in the file. Nothing of
 * these files may be dropped but ties and copies.
 */
export async function checkCoverage(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const problems = await forHeaders(
    architecture,
    fixtures,
    () => true,
    (name, layout, one) => {
      const { resolved, faults } = resolveAll(layout, headerOf(shapesOf(fixtures, one)));
      const substitutes = new Set(
        expandLayout(layout).flatMap(({ name: tensor, parameter, layer }) => [
          ...(parameter.tiedTo === undefined && parameter.mirrorOf === undefined ? [] : [tensor]),
          ...(parameter.aliases ?? []).map((alias) =>
            alias.replaceAll("{i}", layer === undefined ? "{i}" : String(layer)),
          ),
        ]),
      );
      return [
        ...faults.flatMap((fault) => coverageProblem(name, fault)),
        ...(resolved?.dropped ?? [])
          .filter((tensor) => !substitutes.has((layout.strippedPrefix ?? "") + tensor))
          .filter((tensor) => !substitutes.has(tensor))
          .map((tensor) => ({
            message: `${name}: "${tensor}" is dropped, but this class saves it.`,
            advice: `Give the layout a parameter for it, and let no pattern in \`drops\` match it for ${layout.className}.`,
          })),
      ];
    },
  );
  return { problems };
}

function coverageProblem(
  name: string,
  fault: { readonly code: string; readonly tensor: string; readonly message: string },
): readonly Problem[] {
  const message = `${name}: ${fault.message}`;
  if (fault.code === "layout/unexpected-tensor") {
    return [
      {
        message,
        advice:
          "Add the parameter to the layout. If it is another spelling of one, add a rename to `renames`; if it is a " +
          "buffer, a pattern to `drops`.",
      },
    ];
  }
  if (fault.code === "layout/missing-tensor") {
    return [
      {
        message,
        advice:
          "Correct the parameter's name; or list it only for the classes and configs that have it; or, if it shares its " +
          "numbers with another, set `tiedTo` (not saved) or `mirrorOf` (saved as a copy).",
      },
    ];
  }
  if (fault.code === "layout/duplicate-tensor") {
    return [{ message, advice: "Make the patterns in `renames` match one of the two names only." }];
  }
  return [];
}

const shapesOf = (
  { headers }: ArchitectureFixtures,
  { header }: HeaderCase,
): Readonly<Record<string, readonly number[]>> => headers.headers[header] ?? {};

/** Check 2: the layout gives every recorded tensor the shape it has, from the config's sizes. */
export async function checkShapes(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const sizes = Object.values(fixtures.headers.sizes).filter((size) => typeof size === "number");
  const problems = await forHeaders(
    architecture,
    fixtures,
    () => true,
    (name, layout, one) =>
      resolveAll(layout, headerOf(shapesOf(fixtures, one)))
        .faults.filter(({ code }) => code === "layout/wrong-shape")
        .map(({ tensor, actual, expected }) => ({
          message: `${name}: "${tensor}" has shape ${actual} in the file and ${expected} by the layout.`,
          advice:
            "Correct the spaces of the parameter's axes (in storage order), or the size that a space takes from the config.",
        })),
  );
  const repeated = new Set(sizes.filter((size, index) => sizes.indexOf(size) !== index));
  return {
    problems: [
      ...problems,
      ...[...repeated].map((size) => ({
        message: `The recorded headers have the size ${size} for two config keys.`,
        advice:
          "Record them again with sizes that all differ, so that no two axes can be mistaken for each other.",
      })),
    ],
  };
}

/**
 * Check 3: every class in `architectures` is recorded, has a layout of its own name, and a forward pass that gives
 * finite outputs; a class of another name is refused.
 */
export async function checkClasses(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const recorded = new Set(fixtures.headers.cases.map((one) => one.class));
  const problems: Problem[] = [];
  for (const className of recorded) {
    if (architecture.architectures.includes(className)) continue;
    problems.push({
      message: `There are recorded headers of ${className}, which \`architectures\` does not name.`,
      advice: "Name the class in `architectures`.",
    });
  }
  for (const className of architecture.architectures) {
    if (!recorded.has(className)) {
      problems.push({
        message: `There are no recorded headers of ${className}.`,
        advice:
          "Record what `save_pretrained` writes for this class (tooling/fixtures/record-headers.py).",
      });
    }
    problems.push(
      ...(await attempt(
        className,
        "Make `layout` and `model` serve every class that `architectures` names, with the outputs that Hugging Face's class has.",
        () => classProblems(architecture, fixtures, className),
      )),
    );
  }
  const { architectures: known } = architecture;
  const unknown = `${known[0] ?? ""}OfAnotherKind`;
  try {
    const raw = headerConfig(architecture, fixtures, { class: known[0] ?? "" });
    architecture.layout(checkConfig(architecture, raw), unknown);
    problems.push({
      message: `\`layout\` returns a layout for the unknown class ${unknown}.`,
      advice: "Throw a ConfigError `config/unknown-class` (`ofClass` of @ligo/core does).",
    });
  } catch {
    // as it should be
  }
  return { problems };
}

async function classProblems(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  className: string,
): Promise<readonly Problem[]> {
  const [recorded] = fixtures.checkpoints;
  if (recorded === undefined) return missingCheckpoints({ ...fixtures, checkpoints: [] });
  const laidOut = layOut(architecture, recorded.config, className);
  const { layout } = laidOut;
  if (layout.className !== className || !architecture.modelTypes.includes(layout.architecture)) {
    const actual = `${layout.architecture}/${layout.className}`;
    return [
      {
        message: `The layout of ${className} says it is that of ${actual}.`,
        advice:
          "Set `architecture` to the model type of the config and `className` to the class asked for.",
      },
    ];
  }
  const weights = initialWeights(layout, { seed: 1, deviation: 0.2 });
  const outputs = await runForward(
    engines.onnx(),
    await makeModel(architecture, laidOut),
    layout,
    weights,
    withoutLabels(recorded.inputs),
  );
  if ([...outputs.values()].every(({ data }) => data.every(Number.isFinite))) return [];
  return [
    {
      message: `The forward pass of ${className} gives numbers that are not finite.`,
      advice:
        "Look for a division by zero, and for masks of infinities: `paddingMask` and `causalMask` are finite.",
    },
  ];
}

function writtenProblems(
  name: string,
  layout: Layout,
  expected: Readonly<Record<string, readonly number[]>>,
): {
  readonly name: string;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
} {
  const written = new Map(writtenTensors(layout).map((tensor) => [tensor.name, tensor.shape]));
  return { name, ...headerDifferences(written, new Map(Object.entries(expected))) };
}

/** Check 6: what is written for tied classes (and those without ties) has the names that the newest version saves. */
export async function checkTiedNames(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const newest = newestVersion(fixtures);
  const wanted = (one: HeaderCase): boolean => one.version === newest && one.tied !== false;
  const problems = await forHeaders(architecture, fixtures, wanted, (name, layout, one) => {
    const { missing, unexpected } = writtenProblems(name, layout, shapesOf(fixtures, one));
    return [
      ...unexpected.map((tensor) => ({
        message: `${name}: "${tensor}" is written, but save_pretrained does not write it.`,
        advice:
          "A tensor that shares its numbers with another and is not saved has `tiedTo`; a class without it has no such " +
          "parameter; a class without a prefix has `strippedPrefix`.",
      })),
      ...missing.map((tensor) => ({
        message: `${name}: "${tensor}" is not written, but save_pretrained writes it.`,
        advice: "Give the layout the parameter under this name, without `tiedTo`.",
      })),
    ];
  });
  return { problems };
}

/** Check 7: an untied model's tensors are all written, copies such as the second name of a head's bias included. */
export async function checkUntiedTwins(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const newest = newestVersion(fixtures);
  const recorded = fixtures.headers.cases.filter(({ version }) => version === newest);
  const tied = recorded.filter((one) => {
    if (one.tied !== true) return false;
    const raw = headerConfig(architecture, fixtures, one);
    return layOut(architecture, raw, one.class).layout.parameters.some(
      ({ tiedTo }) => tiedTo !== undefined,
    );
  });
  if (recorded.length === 0) return { problems: missingHeaders(fixtures) };
  if (tied.length === 0) {
    return { notApplicable: "no class of this architecture ties one parameter to another" };
  }
  const unrecorded = tied.filter(
    (one) => !recorded.some((other) => other.tied === false && other.class === one.class),
  );
  const wanted = (one: HeaderCase): boolean => one.version === newest && one.tied === false;
  const problems = await forHeaders(architecture, fixtures, wanted, (name, layout, one) => {
    const { missing, unexpected } = writtenProblems(name, layout, shapesOf(fixtures, one));
    return [
      ...missing.map((tensor) => ({
        message: `${name}: "${tensor}" is not written, but save_pretrained writes it.`,
        advice:
          "With tie_word_embeddings: false the readout has numbers of its own. If the file holds the same numbers under " +
          "a second name, give that name a parameter with `mirrorOf`, so that it is written as a copy.",
      })),
      ...unexpected.map((tensor) => ({
        message: `${name}: "${tensor}" is written, but save_pretrained does not write it.`,
        advice: "List the parameter only where the config or the class has it.",
      })),
    ];
  });
  return {
    problems: [
      ...unrecorded.map((one) => ({
        message: `${one.class} can be tied, but its untied header was not recorded.`,
        advice: "Record it with tie_word_embeddings: false (tooling/fixtures/record-headers.py).",
      })),
      ...problems,
    ],
  };
}

import { checkConfig, type RawConfig, type Architecture } from "@ligo/core";
import { expandLayout } from "@ligo/core/layout";
import type { ArchitectureFixtures } from "../fixtures.js";
import { headerConfig, layOut, newestVersion } from "../models.js";
import { shapeText } from "../numbers.js";
import { attempt, type Outcome, type Problem } from "../problem.js";

/**
 * Check 13: what each version saves as `config.json` is accepted with every key kept; a grown config is read again to
 * the grown sizes; and no key that followed a size stays behind.
 */
export async function checkConfigs(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
): Promise<Outcome> {
  const { headers } = fixtures;
  const problems: Problem[] = [];
  for (const [version, raw] of Object.entries(headers.configs)) {
    problems.push(
      ...(await attempt(
        `The config of version ${version}`,
        "Accept what the original saves; refuse by name only what the forward pass cannot do.",
        () => keptProblems(architecture, version, raw),
      )),
    );
  }
  const newest = headers.configs[newestVersion(fixtures)];
  if (newest === undefined) {
    return {
      problems: [
        ...problems,
        {
          message: "The recorded headers hold no config.json of the newest version.",
          advice: "Record it (tooling/fixtures/record-headers.py).",
        },
      ],
    };
  }
  for (const change of ["wider", "deeper"] as const) {
    problems.push(
      ...(await attempt(
        `The config that \`${change}\` of the fixtures gives`,
        "Make `config` accept the grown config.",
        () => grownProblems(architecture, fixtures, newest, change),
      )),
    );
  }
  return { problems };
}

function keptProblems(
  architecture: Architecture,
  version: string,
  raw: RawConfig,
): readonly Problem[] {
  const config = checkConfig(architecture, raw);
  return Object.keys(raw)
    .filter((key) => JSON.stringify(config[key]) !== JSON.stringify(raw[key]))
    .map((key) => ({
      message: `The config of version ${version} loses or changes its key ${key}: it is read as ${JSON.stringify(config[key])}.`,
      advice: "Keep keys the schema does not know (`z.looseObject`), and transform none.",
    }));
}

function grownProblems(
  architecture: Architecture,
  fixtures: ArchitectureFixtures,
  recorded: RawConfig,
  change: "wider" | "deeper",
): readonly Problem[] {
  const className = architecture.architectures[0] ?? "";
  const raw = { ...recorded, ...headerConfig(architecture, fixtures, { class: className }) };
  const keys = fixtures[change](raw);
  const grown = { ...raw, ...keys };
  const { layout } = layOut(architecture, grown, className);
  const reread = layOut(architecture, JSON.parse(JSON.stringify(grown)) as RawConfig, className);
  const shapes = (one: typeof layout): string =>
    JSON.stringify(
      expandLayout(one)
        .map(({ name, shape }) => `${name} ${shapeText(shape)}`)
        .toSorted(),
    );
  const problems: Problem[] = [];
  if (shapes(reread.layout) !== shapes(layout)) {
    problems.push({
      message: `The config that \`${change}\` gives, written and read again, has other shapes.`,
      advice: "Take every size from keys that config.json holds.",
    });
  }
  for (const [changed, value] of Object.entries(keys)) {
    const before = raw[changed];
    if (typeof before !== "number" || before === value) continue;
    const stale = Object.keys(grown).filter(
      (key) => !(key in keys) && !(key in fixtures.headers.sizes) && grown[key] === before,
    );
    // small counts such as 2 stand for many things
    if (before > 3) problems.push(...stale.map((key) => staleProblem(changed, key, before)));
  }
  return problems;
}

function staleProblem(changed: string, key: string, value: number): Problem {
  return {
    message: `${changed} grows from ${value}, but ${key}, which was ${value} too, stays behind.`,
    advice: `If ${key} follows ${changed}, it must grow with it, or the original cannot load the grown model.`,
  };
}

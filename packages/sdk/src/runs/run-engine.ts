import { join } from "node:path";
import { LigoError } from "@ligo/core";
import type { Context } from "../context.js";
import { chooseEngine, ownName } from "../models/choose-engine.js";
import type { EngineName, OwnEngineName } from "../models/engine-name.js";
import { loadEngine } from "../models/load-engine.js";
import { RECIPE_NAME, type StoredRecipe } from "./recipe.js";
import { RunError } from "./run-error.js";

/** A recipe by the engine that computed: older ones seal `auto` among the settings, and the engine among the inputs. */
export function withOwnEngine(recipe: StoredRecipe): StoredRecipe {
  const { inputs, settings } = recipe;
  const computed = inputs["engine"] as OwnEngineName | undefined;
  if (settings["engine"] !== "auto" || computed === undefined) return recipe;
  return { ...recipe, settings: { ...settings, engine: ownName(computed) } };
}

/** The engine of a run that goes on: its own. Throws `run/changed` where another one is asked for. */
export function keptEngine(
  folder: string,
  sealed: EngineName | undefined,
  asked: EngineName | undefined,
): EngineName | undefined {
  if (asked === undefined || asked === "auto" || asked === sealed) return sealed;
  if (sealed !== undefined && ownName(asked) === sealed) return sealed;
  throw new RunError(
    "run/changed",
    `The run in ${folder} computes on one engine from its first step to its last: engine was ${JSON.stringify(sealed)} and is ` +
      `${JSON.stringify(asked)}. Leave \`engine\` out, or begin another run with another \`out\`.`,
    { file: join(folder, RECIPE_NAME), expected: sealed ?? "none", actual: asked },
  );
}

/** Throws `run/no-engine` where the engine of a run cannot start on this machine: it never goes on with another one. */
export async function checkEngine(
  folder: string,
  engine: EngineName | undefined,
  context: Context,
): Promise<void> {
  if (engine === undefined || engine === "auto") return;
  try {
    await loadEngine(await chooseEngine(engine, context));
  } catch (cause) {
    if (!LigoError.isInstance(cause)) throw cause;
    throw new RunError(
      "run/no-engine",
      `The run in ${folder} was begun on the engine ${engine}, which cannot start here, and a run keeps its engine. ${cause.message}\n` +
        "Go on where it can start, or begin another run with another `out`.",
      { file: join(folder, RECIPE_NAME), expected: engine, cause },
    );
  }
}

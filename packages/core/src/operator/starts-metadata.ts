import type { Layout } from "../layout/layout.js";
import type { Plan } from "../plan/plan.js";
import { decodeNumber, oneOf, wrongMetadata, type OperatorMetadata } from "./operator-metadata.js";
import type { DrawnEntries, FreshPlaces, Operator } from "./operator.js";

/** The part of an operator that says what is drawn, and where. */
type Starts = Pick<Operator, "fresh" | "perturbation" | "readPower">;
type Kind = "fresh" | "perturbation";

/** Whether it takes version 3 of the format to say what starts where. */
export function placesStarts({ fresh, perturbation, readPower }: Starts): boolean {
  const isRelative = fresh?.relative === true || perturbation?.relative === true;
  return isRelative || fresh?.places !== undefined || readPower !== undefined;
}

/** Whether it takes version 4: which new units start afresh is told. */
export const tellsUnits = ({ fresh }: Starts): boolean => fresh?.places?.units !== undefined;

export function encodeStarts({ fresh, perturbation, readPower }: Starts): Record<string, string> {
  const places = fresh?.places;
  return {
    ...encodeDrawn("fresh", fresh),
    ...(places === undefined
      ? {}
      : { fresh_rule: places.rule, fresh_layers: JSON.stringify(places.layers) }),
    ...(places?.units === undefined ? {} : { fresh_units: JSON.stringify(places.units) }),
    ...(places?.readPower === undefined ? {} : { fresh_read_power: String(places.readPower) }),
    ...encodeDrawn("perturbation", perturbation),
    ...(readPower === undefined ? {} : { read_power: String(readPower) }),
  };
}

function encodeDrawn(kind: Kind, drawn: DrawnEntries | undefined): Record<string, string> {
  if (drawn === undefined) return {};
  return {
    [`${kind}_seed`]: String(drawn.seed),
    [`${kind}_deviation`]: String(drawn.deviation),
    ...(drawn.relative === true ? { [`${kind}_relative`]: "true" } : {}),
  };
}

/**
 * @param plan says which layers there are; absent for version 2, which says nothing of places
 * @param hasUnits whether the version may tell new units
 *
 * Throws `operator/metadata`.
 */
export function decodeStarts(
  metadata: OperatorMetadata,
  plan: Plan | undefined,
  hasUnits: boolean,
): Starts {
  const isPlaced = plan !== undefined;
  const fresh = decodeDrawn(metadata, "fresh", isPlaced);
  const perturbation = decodeDrawn(metadata, "perturbation", isPlaced);
  const places = plan === undefined ? undefined : decodePlaces(metadata, plan, hasUnits);
  const readPower = isPlaced ? decodePower(metadata, "read_power") : undefined;
  if (fresh === undefined && places !== undefined)
    throw wrongMetadata("operator/metadata", "fresh_seed", "a number", undefined);
  if (fresh?.relative === true && places === undefined)
    throw wrongMetadata(
      "operator/metadata",
      "fresh_rule",
      "new, lossless or everywhere",
      undefined,
    );
  return {
    ...(fresh === undefined ? {} : { fresh: places === undefined ? fresh : { ...fresh, places } }),
    ...(perturbation === undefined ? {} : { perturbation }),
    ...(readPower === undefined ? {} : { readPower }),
  };
}

function decodeDrawn(
  metadata: OperatorMetadata,
  kind: Kind,
  hasUnits: boolean,
): DrawnEntries | undefined {
  const [seedKey, deviationKey] = [`${kind}_seed`, `${kind}_deviation`];
  const seed = decodeNumber(metadata, seedKey, "a whole number below 2^32");
  const deviation = decodeNumber(metadata, deviationKey, "a number from 0");
  if (seed === undefined && deviation === undefined) return undefined;
  if (seed === undefined || deviation === undefined) {
    const absent = seed === undefined ? seedKey : deviationKey;
    throw wrongMetadata("operator/metadata", absent, "a number", undefined);
  }
  if (!Number.isInteger(seed) || seed >= 2 ** 32) {
    const expected = "a whole number below 2^32";
    throw wrongMetadata("operator/metadata", seedKey, expected, metadata[seedKey]);
  }
  const relativeKey = `${kind}_relative`;
  const text = hasUnits ? metadata[relativeKey] : undefined;
  if (text !== undefined) oneOf(relativeKey, ["true"], text);
  return { seed, deviation, ...(text === undefined ? {} : { relative: true }) };
}

function decodePlaces(
  metadata: OperatorMetadata,
  plan: Plan,
  hasUnits: boolean,
): FreshPlaces | undefined {
  const text = metadata["fresh_rule"];
  if (text === undefined) return undefined;
  const readPower = decodePower(metadata, "fresh_read_power");
  const units = hasUnits ? decodeUnits(metadata["fresh_units"], plan) : undefined;
  const rules =
    units === undefined ? (["new", "lossless", "everywhere"] as const) : (["new"] as const);
  return {
    rule: oneOf("fresh_rule", rules, text),
    layers: decodeLayers(metadata["fresh_layers"], plan),
    ...(units === undefined ? {} : { units }),
    ...(readPower === undefined ? {} : { readPower }),
  };
}

function decodePower(metadata: OperatorMetadata, key: string): number | undefined {
  const power = decodeNumber(metadata, key, "a number from 0 to 1");
  if (power === undefined || power <= 1) return power;
  throw wrongMetadata("operator/metadata", key, "a number from 0 to 1", metadata[key]);
}

/** The new units of some of the target's spaces, in order. */
function decodeUnits(text: string | undefined, { target }: Plan): FreshPlaces["units"] {
  if (text === undefined) return undefined;
  const units = parsed(text);
  const isWhole = Object.entries(units ?? {}).every(([space, own]) => {
    const size = target.spaces[space]?.size ?? 0;
    return (
      Array.isArray(own) &&
      own.every((unit: unknown, at) => {
        const before = at === 0 ? -1 : Number(own[at - 1]);
        return Number.isInteger(unit) && Number(unit) > before && Number(unit) < size;
      })
    );
  });
  if (isWhole && units !== undefined) return units as FreshPlaces["units"];
  const expected = "JSON with lists of units, in order, of spaces of the target";
  throw wrongMetadata("operator/metadata", "fresh_units", expected, text);
}

/** The layers of each of the target's stacks, each a layer of the source's or null. */
function decodeLayers(text: string | undefined, { source, target }: Plan): FreshPlaces["layers"] {
  const layers = parsed(text);
  const isWhole = Object.entries(target.stacks).every(([stack, now]) => {
    const own: unknown = layers?.[stack];
    const before = source.stacks[stack]?.layers ?? 0;
    return (
      Array.isArray(own) &&
      own.length === now.layers &&
      own.every((layer) => layer === null || isLayer(layer, before))
    );
  });
  if (isWhole && layers !== undefined) return layers as FreshPlaces["layers"];
  const expected = `JSON with a layer of the source, or null, for each of ${stackSizes(target)}`;
  throw wrongMetadata("operator/metadata", "fresh_layers", expected, text);
}

const isLayer = (layer: unknown, layers: number): boolean =>
  Number.isInteger(layer) && Number(layer) >= 0 && Number(layer) < layers;

const stackSizes = ({ stacks }: Layout): string =>
  Object.entries(stacks)
    .map(([name, { layers }]) => `${layers} layers of ${name}`)
    .join(" and ");

function parsed(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

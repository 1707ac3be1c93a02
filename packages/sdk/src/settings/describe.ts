import * as z from "@ligo/core/zod";
import type { CommandSettings } from "./define.js";
import type { SettingMeta } from "./kinds.js";

/** A setting as plain data: what flags, types and tables are made from. */
export interface SettingFacts extends Pick<
  SettingMeta,
  "says" | "group" | "unit" | "otherwise" | "off"
> {
  readonly name: string;
  /** Values as words on a command line have them. */
  readonly kind: "number" | "boolean" | "text" | "data";
  /** Whether several values may be given. */
  readonly list: boolean;
  readonly choices?: readonly string[];
  /** Range in words: `a whole number from 1`. */
  readonly must: string;
  readonly default?: unknown;
  readonly required: boolean;
  /** Spelling on the command line, without dashes before it. */
  readonly flag: string;
  /** Placeholder of the value. */
  readonly holder: string;
  /** TypeScript types: what may be given, and what is there after the check. */
  readonly type: string;
  readonly checked: string;
}

/** The part of JSON Schema that settings use, with their metadata. */
interface Json extends Omit<Partial<SettingMeta>, "type" | "checked"> {
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly Json[];
  readonly items?: Json;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The settings of a command in the order they are declared. */
export function describeSettings({
  required,
  schema,
}: Pick<CommandSettings, "required" | "schema">): readonly SettingFacts[] {
  return Object.entries(schema.shape).map(([name, setting]) =>
    describeSetting(name, setting as z.ZodType, required.includes(name)),
  );
}

/** Facts of one setting, read from its schema and its metadata. */
export function describeSetting(name: string, setting: z.ZodType, required: boolean): SettingFacts {
  const json = z.toJSONSchema(setting, { io: "input", unrepresentable: "any" }) as Json;
  const { default: value, group, off, otherwise, says, unit } = json;
  if (says === undefined || group === undefined) throw new Error(`${name} is not described.`);
  const meta = metaOf(setting);
  const kind = kindOf(json);
  const choices = choicesOf(json);
  const type = meta.type ?? typeOf(json);
  return {
    name,
    says,
    group,
    kind,
    list: isList(json),
    ...(choices === undefined ? {} : { choices }),
    must: json.must ?? wordsOf(json),
    ...(value === undefined ? {} : { default: value }),
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(unit === undefined ? {} : { unit }),
    ...(off === undefined ? {} : { off }),
    required,
    flag: json.flag ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    holder: json.holder ?? holderOf(json),
    type,
    checked: meta.checked ?? type,
  };
}

/** Metadata of a setting; a default or `optional` around it has none of its own. */
function metaOf(setting: z.ZodType): Partial<SettingMeta> {
  const own = setting.meta() as Partial<SettingMeta> | undefined;
  if (own !== undefined) return own;
  const inner = (setting.def as { readonly innerType?: z.ZodType }).innerType;
  return inner === undefined ? {} : metaOf(inner);
}

const partsOf = (json: Json): readonly Json[] => json.anyOf ?? [json];
const isNumber = ({ type }: Json): boolean => type === "number" || type === "integer";
const isList = (json: Json): boolean => partsOf(json).some(({ type }) => type === "array");

function kindOf(json: Json): SettingFacts["kind"] {
  const parts = partsOf(json).map((part) => part.items ?? part);
  if (parts.some(isNumber)) return "number";
  if (json.type === "boolean") return "boolean";
  return parts.some(({ enum: names, type }) => type === "string" || names !== undefined)
    ? "text"
    : "data";
}

function choicesOf(json: Json): readonly string[] | undefined {
  const names = partsOf(json).flatMap(({ enum: some = [] }) => some);
  return names.length === 0 ? undefined : (names as readonly string[]);
}

function holderOf(json: Json): string {
  const parts = partsOf(json).map((part) => part.items ?? part);
  if (parts.some(({ type }) => type === "integer")) return "n";
  return parts.some(isNumber) ? "x" : "name";
}

/** A range in words that follow "must be". */
function wordsOf(json: Json): string {
  if (json.anyOf !== undefined) {
    return json.anyOf
      .filter((part) => Object.keys(part).length > 0)
      .map(wordsOf)
      .join(", or ");
  }
  if (json.const !== undefined) return String(json.const);
  if (json.enum !== undefined) return `one of ${json.enum.join(", ")}`;
  if (json.items !== undefined) return `a list, each ${wordsOf(json.items)}`;
  if (isNumber(json)) return numberWords(json);
  if (json.type === "boolean") return "true or false";
  return json.type === "object" ? "an object" : "text";
}

function numberWords(json: Json): string {
  const { exclusiveMaximum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER, minimum } = json;
  const from =
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER
      ? ` from ${minimum}`
      : exclusiveMinimum === undefined
        ? ""
        : ` above ${exclusiveMinimum}`;
  const to =
    exclusiveMaximum === undefined
      ? maximum < Number.MAX_SAFE_INTEGER
        ? ` to ${maximum}`
        : ""
      : `${from === "" ? "" : from.startsWith(" above") ? " and" : " to"} below ${exclusiveMaximum}`;
  return `a ${json.type === "integer" ? "whole " : ""}number${from}${to}`;
}

/** The TypeScript type of values that a schema accepts. */
function typeOf(json: Json): string {
  if (json.anyOf !== undefined) return [...new Set(json.anyOf.map(typeOf))].join(" | ");
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum !== undefined) return json.enum.map((name) => JSON.stringify(name)).join(" | ");
  if (json.items !== undefined) return `readonly ${typeOf(json.items)}[]`;
  if (isNumber(json)) return "number";
  return json.type === "boolean" || json.type === "string" ? json.type : "unknown";
}

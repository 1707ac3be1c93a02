import { testFile } from "./conformance.js";
import { insideManifest, outsideManifest, OUTSIDE_CONFIGS } from "./manifests.js";
import { camelCase, pascalCase } from "./names.js";
import { decoderScaffold } from "./families/decoder.js";
import { textEncoderScaffold } from "./families/text-encoder.js";
import { visionScaffold } from "./families/vision.js";
import { partsScaffold } from "./parts.js";
import type { Names, Scaffold } from "./scaffold.js";

/**
 * Kinds of architectures: an encoder of text (of BERT's family), a decoder of text (of Llama's), an encoder of images (of ViT's), or
 * of no family, made of single parts whose norms stand before the sublayers or after the residual sums.
 */
export type ArchitectureKind = "encoder" | "decoder" | "vision" | "parts-pre" | "parts-post";

const SCAFFOLDS: Readonly<Record<ArchitectureKind, Scaffold>> = {
  encoder: textEncoderScaffold,
  decoder: decoderScaffold,
  vision: visionScaffold,
  "parts-pre": partsScaffold("pre"),
  "parts-post": partsScaffold("post"),
};

/** Answers to the generator's questions. */
export interface ArchitectureAnswers {
  /** `model_type` of the checkpoints' config.json: `cait`, `gpt-neox`. */
  readonly modelType: string;
  /** The class whose checkpoints come first: `CaitForImageClassification`. */
  readonly className: string;
  readonly kind: ArchitectureKind;
  /** `inside`: a package of this repository. `outside`: `ligo-architecture-<model type>`, a project of its own. */
  readonly place: "inside" | "outside";
}

/** The version of LiGO's packages that a package outside depends on. */
const OUTSIDE_VERSION = "*";

/**
 * The files of a new architecture package, by path: from the repository's root, or from the folder a package outside is to
 * stand in. `version` is that of this repository's packages. Throws a RangeError for a model type or class that cannot be a name, a kind that is none, and a class that is none of
 * its family's.
 */
export function architectureFiles(
  answers: ArchitectureAnswers,
  version: string,
): ReadonlyMap<string, string> {
  const { modelType, className, kind, place } = answers;
  if (!/^[a-z][a-z\d]*(?:[-_][a-z\d]+)*$/u.test(modelType)) {
    throw new RangeError(
      `"${modelType}" is no model type: it is written in small letters, like gpt2 or gpt-neox.`,
    );
  }
  if (!/^[A-Z]\w*$/u.test(className)) {
    throw new RangeError(`"${className}" is no class: it is written like BertForMaskedLM.`);
  }
  const scaffold: Scaffold | undefined = SCAFFOLDS[kind];
  if (scaffold === undefined) {
    throw new RangeError(
      `"${kind}" is no kind: it is one of ${Object.keys(SCAFFOLDS).join(", ")}.`,
    );
  }
  const names: Names = {
    modelType,
    className,
    prefix: classPrefix(className, scaffold),
    value: camelCase(modelType),
    type: `${pascalCase(modelType)}Config`,
    title: pascalCase(modelType),
  };
  const inside = place === "inside";
  const name = inside ? `@ligo/${modelType}` : `ligo-architecture-${modelType}`;
  const folder = inside ? `packages/${modelType}` : name;
  const files: Record<string, string> = {
    "package.json": inside
      ? insideManifest(name, names.title, version)
      : outsideManifest(name, names.title, OUTSIDE_VERSION),
    "README.md": readme(name, names, scaffold),
    ...Object.fromEntries(
      Object.entries(scaffold.sources).map(([file, source]) => [`src/${file}.ts`, source(names)]),
    ),
    "src/conformance.test.ts": testFile(names, scaffold.sizes),
    "src/__fixtures__/headers.json":
      '{ "sizes": {}, "defaults": {}, "configs": {}, "cases": [], "headers": [] }\n',
    ...(inside ? {} : OUTSIDE_CONFIGS),
  };
  const all = new Map(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  if (inside) all.set(`.changeset/${modelType}.md`, changeset(name, names.title));
  return all;
}

/** What the names of a family's classes begin with; of a single class its name. */
function classPrefix(className: string, { classes }: Scaffold): string {
  if (classes === undefined) return className;
  const end = classes.find((one) => className.endsWith(one) && className !== one);
  if (end !== undefined) return className.slice(0, -end.length);
  throw new RangeError(
    `"${className}" is no class of this kind: it ends like one of ${classes.join(", ")}.`,
  );
}

/** The sdk's table of architecture packages, sorted, with a row for a new one. Unchanged where it has one. */
export function withPackage(table: string, modelType: string): string {
  const rows = [...table.matchAll(/^(?: {2}\/\/.*\n)* {2}\{ package: "@ligo\/([\w-]+)".*\n/gmu)];
  if (rows.some(([, name]) => name === modelType)) return table;
  const row = `  { package: "@ligo/${modelType}", modelTypes: ["${modelType}"] },\n`;
  const next = rows.find(([, name = ""]) => name > modelType);
  const last = rows.at(-1);
  if (last === undefined) throw new RangeError("There is no row to put a new one beside.");
  const place = next === undefined ? last.index + last[0].length : next.index;
  return `${table.slice(0, place)}${row}${table.slice(place)}`;
}

function changeset(name: string, title: string): string {
  return `---\n"${name}": minor\n---\n\n${title} checkpoints can be planned, grown, trained and verified.\n`;
}

function readme(
  name: string,
  { modelType, className, value, title }: Names,
  { tiny }: Scaffold,
): string {
  const keys = Object.entries(tiny).map(([key, size]) => `  ${key}: ${size},`);
  return `# ${name}

${title} for LiGO: the schema of its \`config.json\`, the layout of its checkpoints, its forward pass.

\`\`\`sh
npm i ${name} @ligo/core
\`\`\`

\`\`\`ts
import { ${value} } from "${name}";
import { checkConfig, createPlan, parameterCount } from "@ligo/core";

const tiny = {
  model_type: "${modelType}",
${keys.join("\n")}
};
const small = ${value}.layout(checkConfig(${value}, tiny), "${className}");
const large = ${value}.layout(checkConfig(${value}, { ...tiny, num_hidden_layers: 2 }), "${className}");
console.log(parameterCount(small), "to", parameterCount(createPlan(small, large).target));
\`\`\`
`;
}

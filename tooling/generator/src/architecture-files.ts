import { insideManifest, outsideManifest, OUTSIDE_CONFIGS } from "./manifests.js";
import { camelCase, pascalCase } from "./names.js";
import { configFile, indexFile, layoutFile, modelFile, testFile } from "./sources.js";

/** Answers to the generator's questions. */
export interface ArchitectureAnswers {
  /** `model_type` of the checkpoints' config.json: `cait`, `gpt-neox`. */
  readonly modelType: string;
  /** The class whose checkpoints come first: `CaitForImageClassification`. */
  readonly className: string;
  /** Where norms stand: before the sublayers, or after the residual sums. */
  readonly norm: "pre" | "post";
  /** `inside`: a package of this repository. `outside`: `ligo-architecture-<model type>`, a project of its own. */
  readonly place: "inside" | "outside";
}

/** The version of LiGO's packages that a package outside depends on. */
const OUTSIDE_VERSION = "*";

/**
 * The files of a new architecture package, by path: from the repository's root, or from the folder a package outside is to
 * stand in. Throws a RangeError for a model type or class that cannot be a name.
 */
export function architectureFiles(answers: ArchitectureAnswers): ReadonlyMap<string, string> {
  const { modelType, className, norm, place } = answers;
  if (!/^[a-z][a-z\d]*(?:[-_][a-z\d]+)*$/u.test(modelType)) {
    throw new RangeError(
      `"${modelType}" is no model type: it is written in small letters, like gpt2 or gpt-neox.`,
    );
  }
  if (!/^[A-Z]\w*$/u.test(className)) {
    throw new RangeError(`"${className}" is no class: it is written like BertForMaskedLM.`);
  }
  const names = {
    modelType,
    className,
    norm,
    value: camelCase(modelType),
    type: `${pascalCase(modelType)}Config`,
    title: pascalCase(modelType),
  };
  const inside = place === "inside";
  const name = inside ? `@ligo/${modelType}` : `ligo-architecture-${modelType}`;
  const folder = inside ? `packages/${modelType}` : name;
  const files: Record<string, string> = {
    "package.json": inside
      ? insideManifest(name, names.title)
      : outsideManifest(name, names.title, OUTSIDE_VERSION),
    "README.md": readme(name, names),
    "src/config.ts": configFile(names),
    "src/layout.ts": layoutFile(names),
    "src/model.ts": modelFile(names),
    "src/index.ts": indexFile(names),
    "src/conformance.test.ts": testFile(names),
    "src/__fixtures__/headers.json":
      '{ "sizes": {}, "defaults": {}, "configs": {}, "cases": [], "headers": [] }\n',
    ...(inside ? {} : OUTSIDE_CONFIGS),
  };
  const all = new Map(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  if (inside) all.set(`.changeset/${modelType}.md`, changeset(name, names.title));
  return all;
}

/** The arrows of the repository with a row for a new architecture. Unchanged where it has one. */
export function withArrow(arrows: string, modelType: string): string {
  const row = (name: string): string => `"packages/${name}": ["core", "nn"],`;
  return withRow(arrows, row(modelType), row("bert"));
}

/** The sdk's table of architecture packages with a row for a new one. Unchanged where it has one. */
export function withPackage(table: string, modelType: string): string {
  const row = (name: string): string => `{ package: "@ligo/${name}", modelTypes: ["${name}"] },`;
  return withRow(table, row(modelType), row("bert"));
}

/** A source with one more row behind the row `anchor`. */
function withRow(source: string, row: string, anchor: string): string {
  if (source.includes(row)) return source;
  if (!source.includes(anchor)) {
    throw new RangeError(`There is no row ${anchor} to put ${row} behind.`);
  }
  return source.replace(anchor, `${anchor}\n  ${row}`);
}

function changeset(name: string, title: string): string {
  return `---\n"${name}": minor\n---\n\n${title} checkpoints can be planned, grown, trained and verified.\n`;
}

function readme(
  name: string,
  { modelType, className, value, title }: Readonly<Record<string, string>>,
): string {
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
  vocab_size: 30,
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 32,
};
const small = ${value}.layout(checkConfig(${value}, tiny), "${className}");
const large = ${value}.layout(checkConfig(${value}, { ...tiny, num_hidden_layers: 2 }), "${className}");
console.log(parameterCount(small), "to", parameterCount(createPlan(small, large).target));
\`\`\`
`;
}

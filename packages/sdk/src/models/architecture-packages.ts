/** Package of an architecture, and each Hugging Face `model_type` it serves. */
export interface ArchitecturePackage {
  readonly package: string;
  readonly modelTypes: readonly string[];
}

/** The packages of this project: for finding one, and for the line that installs it. */
export const ARCHITECTURE_PACKAGES: readonly ArchitecturePackage[] = [
  { package: "@ligo/bert", modelTypes: ["bert"] },
  { package: "@ligo/cait", modelTypes: ["cait"] },
  { package: "@ligo/deit", modelTypes: ["deit"] },
  { package: "@ligo/dinov2", modelTypes: ["dinov2", "dinov2_with_registers"] },
  // of gemma3, text and images, it says how to take out the text model
  { package: "@ligo/gemma", modelTypes: ["gemma2", "gemma3_text", "gemma3"] },
  { package: "@ligo/gpt-neox", modelTypes: ["gpt_neox"] },
  { package: "@ligo/gpt2", modelTypes: ["gpt2"] },
  { package: "@ligo/llama", modelTypes: ["llama", "mistral"] },
  { package: "@ligo/modernbert", modelTypes: ["modernbert"] },
  { package: "@ligo/qwen", modelTypes: ["qwen2", "qwen3"] },
  { package: "@ligo/roberta", modelTypes: ["roberta"] },
  { package: "@ligo/vit", modelTypes: ["vit"] },
];

/**
 * Names of packages that may serve a model type, the likelier first: this project's, then `ligo-architecture-<model type>`
 * of others. A type that is not in the table may be served by a package of its own name.
 */
export function packageNames(
  modelType: string,
  packages: readonly ArchitecturePackage[] = ARCHITECTURE_PACKAGES,
): readonly [own: string, others: string] {
  return [
    listedPackage(modelType, packages) ?? `@ligo/${modelType}`,
    `ligo-architecture-${modelType}`,
  ];
}

/** The package of this project that serves a model type; `undefined` for a type that none is known to serve. */
export function listedPackage(
  modelType: string,
  packages: readonly ArchitecturePackage[] = ARCHITECTURE_PACKAGES,
): string | undefined {
  return packages.find(({ modelTypes }) => modelTypes.includes(modelType))?.package;
}

/** Every model type of the table with the package that serves it: `bert (@ligo/bert), ...`. */
export const knownModelTypes: string = ARCHITECTURE_PACKAGES.flatMap(
  ({ modelTypes, package: name }) => modelTypes.map((type) => `${type} (${name})`),
).join(", ");

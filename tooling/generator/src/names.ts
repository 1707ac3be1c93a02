/** `gpt-neox` as `gptNeox`. */
export function camelCase(modelType: string): string {
  return modelType.replaceAll(/[-_](\w)/gu, (_, letter: string) => letter.toUpperCase());
}

/** `gpt-neox` as `GptNeox`. */
export function pascalCase(modelType: string): string {
  const name = camelCase(modelType);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";

/**
 * Class names of a model in the order of its labels: `id2label` of its config, else `LABEL_0`, ... Throws
 * `sdk/no-classes` for a model without classes, `sdk/bad-classes` where `id2label` does not name each of them.
 */
export function classNames({ config, file, layout }: ModelSpec): readonly string[] {
  const count = layout.spaces["label"]?.size;
  if (count === undefined) {
    throw new UsageError(
      "sdk/no-classes",
      `${layout.className} tells no classes apart, so it cannot learn from labels.`,
      { file, expected: "a classifier", actual: layout.className },
    );
  }
  const named = config["id2label"];
  if (typeof named !== "object" || named === null) return unnamedClasses(count);
  const names = named as Readonly<Record<string, unknown>>;
  return Array.from({ length: count }, (_, label) => {
    const name = names[String(label)];
    // run_glue.py leaves numbers there
    if (typeof name === "string" || typeof name === "number") return String(name);
    throw new UsageError("sdk/bad-classes", `${file}: id2label does not name the class ${label}.`, {
      file,
      expected: `names for 0 to ${count - 1}`,
      actual: Object.keys(names).join(", "),
    });
  });
}

/** The names Hugging Face gives to classes that have none: `LABEL_0`, ... */
export function unnamedClasses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, label) => `LABEL_${label}`);
}

import type { Architecture, RawConfig } from "@ligo/core";

/** Issues that an architecture's schema has with a config, each as `key: message`; none where it accepts it. */
export function configIssues(
  { config }: Pick<Architecture, "config">,
  raw: RawConfig,
): readonly string[] {
  const checked = config["~standard"].validate(raw);
  if (checked instanceof Promise) throw new TypeError("The schema answers with a promise.");
  return (checked.issues ?? []).map(({ message, path = [] }) => {
    const key = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return `${key}: ${message}`;
  });
}

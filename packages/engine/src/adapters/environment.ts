/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The paths of a variable that lists them with colons between, as on Linux. */
export const pathList = (value: string | undefined): readonly string[] =>
  (value ?? "").split(":").filter((path) => path !== "");

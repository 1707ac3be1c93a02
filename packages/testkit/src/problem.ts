/** One thing a check found, and what to change in the adapter. */
export interface Problem {
  /** The fault and its place: the class, the tensor, expected and actual. */
  readonly message: string;
  /** The change that mends it. */
  readonly advice: string;
}

/** Outcome of a check: problems (none where all is well), or the reason why it does not apply to this architecture. */
export type Outcome =
  | { readonly problems: readonly Problem[] }
  | { readonly notApplicable: string };

/** The problems of an outcome; none where the check does not apply. */
export function problemsOf(outcome: Outcome): readonly Problem[] {
  return "problems" in outcome ? outcome.problems : [];
}

/** Problems as text, each with its advice on a line of its own; at most `most` of them. */
export function formatProblems(problems: readonly Problem[], most: number = 8): string {
  const shown = problems.slice(0, most).map(({ message, advice }) => `- ${message}\n  ${advice}`);
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n");
}

/** The message of an error. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs a part of a check; what it throws becomes a problem with the given advice. */
export async function attempt(
  where: string,
  advice: string,
  work: () => Promise<readonly Problem[]> | readonly Problem[],
): Promise<readonly Problem[]> {
  try {
    return await work();
  } catch (error) {
    return [{ message: `${where}: ${errorText(error)}`, advice }];
  }
}

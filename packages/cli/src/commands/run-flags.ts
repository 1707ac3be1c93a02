/** Flags of how a run is saved. */
export interface SaveFlags {
  readonly saveEvery?: number;
  readonly saveMinutes?: number;
  readonly keep?: number;
}

/** The flags of a command that resumes a run: only those that were given. */
export type ResumeFlags<Flags> = Partial<Flags> & { readonly resume: string };

/** Whether a run is to be resumed. */
export function isResumed<Flags>(flags: Flags | ResumeFlags<Flags>): flags is ResumeFlags<Flags> {
  return (flags as { readonly resume?: string }).resume !== undefined;
}

/** How a run is saved on its way. */
export interface RunOptions {
  /** Save a checkpoint every so many steps. */
  readonly saveEvery?: number | undefined;
  /** Save a checkpoint after so many minutes; 0 for never. Default 10, or never where `saveEvery` is given. */
  readonly saveMinutes?: number | undefined;
  /** Checkpoints that stay: the last so many, and the best by held-out loss. Default 2. */
  readonly keep?: number | undefined;
}

/** What a run does unless told otherwise. */
export const RUN_DEFAULTS = { saveMinutes: 10, keep: 2 } as const;

/** Options of which any may be given. */
export type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined };

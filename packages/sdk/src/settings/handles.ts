/** Names of handles: functions and objects that a caller gives beside settings, which are data. */
const HANDLES = ["signal", "onEvent", "architectures"] as const;

export type HandleName = (typeof HANDLES)[number];

/** Settings and handles apart. */
export interface SplitHandles<T extends object> {
  readonly settings: Omit<T, HandleName>;
  readonly handles: Pick<T, HandleName & keyof T>;
}

/** Takes the handles out of what a caller gave. */
export function splitHandles<T extends object>(given: T): SplitHandles<T> {
  const isHandle = ([name]: readonly [string, unknown]): boolean =>
    (HANDLES as readonly string[]).includes(name);
  const entries = Object.entries(given);
  return {
    settings: Object.fromEntries(entries.filter((entry) => !isHandle(entry))) as Omit<
      T,
      HandleName
    >,
    handles: Object.fromEntries(entries.filter(isHandle)) as Pick<T, HandleName & keyof T>,
  };
}

/** Settings that have a value. */
export type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Settings without those that are `undefined`. */
export function given<T extends object>(settings: T): Given<T> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}

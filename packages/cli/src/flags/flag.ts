/** A flag as plain data, made from a setting. */
export interface FlagFacts {
  /** Name of the setting. */
  readonly name: string;
  /** Spelling without the dashes before it. */
  readonly flag: string;
  readonly kind: string;
  readonly list: boolean;
  readonly holder: string;
  readonly group: string;
  readonly says: string;
  readonly choices?: readonly string[];
  /** Default in words. */
  readonly otherwise?: string;
  /** Effect of the flag with `no-` before it. */
  readonly off?: string;
}

/** Flags of a command, by names of settings. */
export interface CommandFlags {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** A method of growing for the help of `ligo grow`. */
export interface MethodLine {
  readonly name: string;
  readonly says: string;
  readonly source: string;
}

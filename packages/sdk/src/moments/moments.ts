import type { MomentOrder } from "@ligo/core/operator";

/** Facts of an optimiser's moments. */
export interface MomentFacts {
  /** Name of the optimiser, as the setting has it. */
  readonly optimizer: string;
  /** Updates they are the means of, which bias correction counts. */
  readonly step: number;
  /** Decays of the means. */
  readonly beta1: number;
  readonly beta2: number;
  /**
   * Updates that entries are the means of which a growth began at zero, and which entries are not: {@link CarriedEntries}. Absent where
   * all have seen as many.
   */
  readonly fresh?: FreshMoments | undefined;
}

/** How much was taken over of moments. */
export interface MomentCounts extends Pick<MomentFacts, "optimizer" | "step"> {
  /** Entries that have moments, and entries of the model. */
  readonly entries: number;
  readonly of: number;
}

/** Entries that a growth began at zero. */
export interface FreshMoments {
  readonly step: number;
  readonly carried: CarriedEntries;
}

/**
 * By canonical name the entries of a tensor whose moments are older: those whose every row, axis by axis, is 1 here. Tensors that are
 * not here have no others.
 */
export type CarriedEntries = ReadonlyMap<string, readonly Uint8Array[]>;

/** Both moments of a model in memory, by canonical names of parameters. */
export interface ModelMoments extends MomentFacts {
  readonly tensors: ReadonlyMap<string, Readonly<Record<MomentOrder, Float32Array>>>;
}

/** Moments that are read as they are asked for. */
export interface OpenedMoments extends MomentFacts {
  /** File they are in; what a message calls them. */
  readonly file: string;
  /** Numbers of a parameter's moments; `undefined` where it has none: it was frozen. */
  size(name: string): number | undefined;
  /** All numbers in a new array, or as many as `into` is long from `start` on. */
  read(
    order: MomentOrder,
    name: string,
    into?: Float32Array,
    start?: number,
  ): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Name of a moment among the tensors that an optimiser keeps. */
export const momentName = (order: MomentOrder, name: string): string => `${order}_moment/${name}`;

/** Moments in memory, read as those of a file are. */
export function momentsInMemory(moments: ModelMoments): OpenedMoments {
  const { tensors, ...facts } = moments;
  const numbers = (order: MomentOrder, name: string): Float32Array =>
    tensors.get(name)?.[order] ?? new Float32Array(0);
  return {
    ...facts,
    file: "the moments in memory",
    size: (name) => tensors.get(name)?.first.length,
    async read(order, name, into, start = 0) {
      const all = numbers(order, name);
      const target = into ?? new Float32Array(all.length);
      target.set(all.subarray(start, start + target.length));
      return target;
    },
    close: async () => undefined,
  };
}

/** Element types that tensors are held in on a device. */
export type HeldType = "float32" | "float16";

/** What moves numbers between this process and a device. `T` is the device's handle of a tensor. */
export interface Device<T> {
  /** Copies an array to the device. It must have read the array when it resolves: the caller may write to it from then on. */
  upload(array: Float32Array, shape: readonly number[], type: HeldType): T | Promise<T>;
  /** Copies float32 numbers that are on the device into an array of the same size. */
  download(copy: T, into: Float32Array): void | Promise<void>;
  /** Frees the device's memory of a copy. */
  release(copy: T): void;
  /** Whether a copy has a type and a shape, where a device cannot read it under another. Default always. */
  isHeldAs?(copy: T, shape: readonly number[], type: HeldType): boolean;
}

/** One program's use of a caller's array, of which a copy lies on the device. */
export interface DeviceArray<T> {
  /**
   * The copy on the device, uploaded where the array is newer. It has the shape under which it was uploaded or kept last,
   * possibly by another program, unless the device tells shapes apart: then it is moved to take the one asked for. In
   * float16, numbers are rounded. To be used before the memory is given to the next (`exclusive`).
   */
  copy(shape: readonly number[], type?: HeldType): Promise<T>;
  /**
   * Makes a new float32 copy the newest values and frees the former. It belongs to this array alone, which releases it in the end;
   * the copy of before is kept again where a device writes in place.
   */
  keep(copy: T): void;
  /** Brings the array up to date and resolves to it. */
  read(): Promise<Float32Array>;
  /** Makes numbers the newest values: the array itself is taken as it is, any other is copied into it. */
  write(values: Float32Array): void;
  /** Ends the use. The last one frees the device's memory, without bringing the array up to date. */
  release(): void;
}

/** Arrays whose numbers live on a device. */
export interface DeviceMemory<T> {
  /** Its use so far, which goes on to change. */
  readonly usage: DeviceUsage;
  /** Begins a program's use of an array. Whatever the caller wrote to it before is seen, unless the device has newer values. */
  use(array: Float32Array): DeviceArray<T>;
  /**
   * Does one piece of work after another. Whoever holds copies across an `await` must do so in here, as another program may
   * replace and free them.
   */
  exclusive<R>(work: () => R | Promise<R>): Promise<R>;
}

/** What state and frozen tensors of all programs of a device take of it. */
export interface DeviceUsage {
  /** Tensors that are held there, and their bytes. */
  readonly tensors: number;
  readonly bytes: number;
  /** Bytes that went there so far, and that came back. */
  readonly up: number;
  readonly down: number;
}

/** A caller's array and its copy on the device. One of them may be newer than the other. */
interface Shared<T> {
  copy: { readonly handle: T; readonly bytes: number } | undefined;
  newer: "array" | "copy" | "neither";
  /** Programs that use it. */
  users: number;
}

/**
 * Tracks which of an array and its copy on the device is newer, and moves numbers only when somebody asks for them.
 * Programs that are given the same array (parameters that one trains and another evaluates, gradients that one sums and
 * another applies) share its copy.
 */
export function createDeviceMemory<T>(device: Device<T>): DeviceMemory<T> {
  const shares = new WeakMap<Float32Array, Shared<T>>();
  const usage = { tensors: 0, bytes: 0, up: 0, down: 0 };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    usage,
    use(array) {
      const shared: Shared<T> = shares.get(array) ?? { copy: undefined, newer: "array", users: 0 };
      shares.set(array, shared);
      if (shared.newer === "neither") shared.newer = "array";
      shared.users += 1;
      return shareOf({ device, array, shared, usage, forget: () => shares.delete(array) });
    },
    exclusive(work) {
      const result = queue.then(work);
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

interface Share<T> {
  readonly device: Device<T>;
  readonly array: Float32Array;
  readonly shared: Shared<T>;
  readonly usage: { -readonly [name in keyof DeviceUsage]: number };
  readonly forget: () => void;
}

function shareOf<T>({ device, array, shared, usage, forget }: Share<T>): DeviceArray<T> {
  const count = (sign: 1 | -1, copy: Shared<T>["copy"]): void => {
    if (!copy) return;
    usage.tensors += sign;
    usage.bytes += sign * copy.bytes;
  };
  const replace = (copy: Shared<T>["copy"]): void => {
    count(-1, shared.copy);
    count(1, copy);
    if (shared.copy && shared.copy.handle !== copy?.handle) device.release(shared.copy.handle);
    shared.copy = copy;
  };
  const read = async (): Promise<Float32Array> => {
    if (shared.copy && shared.newer === "copy") {
      await device.download(shared.copy.handle, array);
      usage.down += array.byteLength;
      shared.newer = "neither";
    }
    return array;
  };
  return {
    async copy(shape, type = "float32") {
      const held = shared.newer === "array" ? undefined : shared.copy;
      if (held && (device.isHeldAs?.(held.handle, shape, type) ?? true)) return held.handle;
      if (held) await read();
      const handle = await device.upload(array, shape, type);
      usage.up += array.byteLength;
      replace({ handle, bytes: array.byteLength / (type === "float32" ? 1 : 2) });
      shared.newer = "neither";
      return handle;
    },
    keep(handle) {
      replace({ handle, bytes: array.byteLength });
      shared.newer = "copy";
    },
    read,
    write(values) {
      if (values !== array) array.set(values);
      shared.newer = "array";
    },
    release() {
      shared.users -= 1;
      if (shared.users > 0) return;
      replace(undefined);
      forget();
    },
  };
}

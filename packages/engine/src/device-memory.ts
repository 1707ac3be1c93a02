/** What moves numbers between this process and a device. `T` is the device's handle of a tensor. */
export interface Device<T> {
  /** Copies an array to the device. It must have read the array when it resolves: the caller may write to it from then on. */
  upload(array: Float32Array, shape: readonly number[]): T | Promise<T>;
  /** Copies what is on the device into an array of the same size. */
  download(copy: T, into: Float32Array): void | Promise<void>;
  /** Frees the device's memory of a copy. */
  release(copy: T): void;
}

/** One program's use of a caller's array, of which a copy lies on the device. */
export interface DeviceArray<T> {
  /**
   * The copy on the device, uploaded where the array is newer. It has the shape under which it was uploaded or kept last,
   * possibly by another program, and is to be used before the memory is given to the next (`exclusive`).
   */
  copy(shape: readonly number[]): Promise<T>;
  /**
   * Makes a new copy the newest values and frees the former. It belongs to this array alone, which releases it in the end;
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
  /** Begins a program's use of an array. Whatever the caller wrote to it before is seen, unless the device has newer values. */
  use(array: Float32Array): DeviceArray<T>;
  /**
   * Does one piece of work after another. Whoever holds copies across an `await` must do so in here, as another program may
   * replace and free them.
   */
  exclusive<R>(work: () => R | Promise<R>): Promise<R>;
}

/** A caller's array and its copy on the device. One of them may be newer than the other. */
interface Shared<T> {
  copy: { readonly handle: T } | undefined;
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
  let queue: Promise<unknown> = Promise.resolve();
  return {
    use(array) {
      const shared: Shared<T> = shares.get(array) ?? { copy: undefined, newer: "array", users: 0 };
      shares.set(array, shared);
      if (shared.newer === "neither") shared.newer = "array";
      shared.users += 1;
      return shareOf(device, array, shared, () => shares.delete(array));
    },
    exclusive(work) {
      const result = queue.then(work);
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

function shareOf<T>(
  device: Device<T>,
  array: Float32Array,
  shared: Shared<T>,
  forget: () => void,
): DeviceArray<T> {
  const replace = (copy: Shared<T>["copy"]): void => {
    if (shared.copy && shared.copy.handle !== copy?.handle) device.release(shared.copy.handle);
    shared.copy = copy;
  };
  return {
    async copy(shape) {
      if (shared.copy && shared.newer !== "array") return shared.copy.handle;
      const handle = await device.upload(array, shape);
      replace({ handle });
      shared.newer = "neither";
      return handle;
    },
    keep(handle) {
      replace({ handle });
      shared.newer = "copy";
    },
    async read() {
      if (shared.copy && shared.newer === "copy") {
        await device.download(shared.copy.handle, array);
        shared.newer = "neither";
      }
      return array;
    },
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

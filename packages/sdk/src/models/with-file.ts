import { LigoError } from "@ligo/core";

/** Runs checks that know no file, and names the file in the errors they throw. Class and code stay the same. */
export function withFile<T>(file: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!LigoError.isInstance(error) || error.file !== undefined) throw error;
    const Same = error.constructor as typeof LigoError;
    const { tensor, expected, actual } = error;
    throw new Same(error.code, `${file}: ${error.message}`, {
      file,
      tensor,
      expected,
      actual,
      cause: error,
    });
  }
}

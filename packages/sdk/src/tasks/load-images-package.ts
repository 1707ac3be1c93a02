import { UsageError } from "../usage-error.js";

/** The package `@ligo/images`, which only those install who learn from images. Throws `sdk/images-missing`. */
export async function loadImagesPackage(
  load: () => Promise<typeof import("@ligo/images")> = async () => import("@ligo/images"),
): Promise<typeof import("@ligo/images")> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new UsageError(
      "sdk/images-missing",
      "Learning from images needs a package that is not installed. Add it with\nnpm install @ligo/images",
      { expected: "@ligo/images", actual: "not installed", cause },
    );
  }
}

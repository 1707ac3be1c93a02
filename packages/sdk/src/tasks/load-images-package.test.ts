import { describe, expect, it } from "vitest";
import { loadImagesPackage } from "./load-images-package.js";

describe("loadImagesPackage", () => {
  it("loads the package where it is installed", async () => {
    expect(await loadImagesPackage()).toHaveProperty("readImages");
  });

  it("prints the line that installs it where it is not", async () => {
    const name: string = "@ligo/images-that-nobody-has";
    const missing = loadImagesPackage(
      async () => (await import(name)) as typeof import("@ligo/images"),
    );
    await expect(missing).rejects.toMatchObject({
      code: "sdk/images-missing",
      message: expect.stringMatching(/\nnpm install @ligo\/images$/) as string,
    });
  });

  it("passes on what else goes wrong", async () => {
    const broken = loadImagesPackage(() => Promise.reject(new RangeError("broken")));
    await expect(broken).rejects.toThrow(RangeError);
  });
});

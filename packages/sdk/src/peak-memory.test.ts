import { expect, it } from "vitest";
import { peakMemoryBytes } from "./peak-memory.js";

it("is at least what is held now", () => {
  // the system counts pages in batches, so the two may differ by a little
  expect(peakMemoryBytes()).toBeGreaterThan(0.9 * process.memoryUsage().rss);
});

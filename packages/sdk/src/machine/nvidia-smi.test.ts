import { expect, it } from "vitest";
import { parseNvidiaSmi } from "./nvidia-smi.js";

it("Cards of nvidia-smi have a name, memory and the driver's version; other lines are left out", () => {
  const text = "NVIDIA H200, 143771, 570.124.06\nNVIDIA GeForce RTX 3060, 12288, 570.124.06\n";
  expect(parseNvidiaSmi(text)).toEqual([
    {
      vendor: "NVIDIA",
      name: "NVIDIA H200",
      memoryBytes: 143771 * 2 ** 20,
      driverVersion: "570.124.06",
    },
    {
      vendor: "NVIDIA",
      name: "NVIDIA GeForce RTX 3060",
      memoryBytes: 12 * 2 ** 30,
      driverVersion: "570.124.06",
    },
  ]);
  expect(parseNvidiaSmi("NVIDIA-SMI has failed because it couldn't communicate.\n")).toEqual([]);
  expect(parseNvidiaSmi("NVIDIA GB10, [N/A], 580.95\n")).toEqual([]);
});

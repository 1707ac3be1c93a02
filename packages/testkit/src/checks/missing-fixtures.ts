import type { ArchitectureFixtures } from "../fixtures.js";
import type { Problem } from "../problem.js";

/** Problem of a check of recorded headers where there are none. */
export function missingHeaders({ headers }: ArchitectureFixtures): readonly Problem[] {
  if (headers.cases.length > 0) return [];
  return [
    {
      message: "To do: there are no recorded headers.",
      advice:
        "Record what save_pretrained writes for every class, once per version (tooling/fixtures/record-headers.py), and pass " +
        "the file as `headers`.",
    },
  ];
}

/** Problem of a check of recorded checkpoints where there are none. */
export function missingCheckpoints({ checkpoints }: ArchitectureFixtures): readonly Problem[] {
  if (checkpoints.length > 0) return [];
  return [
    {
      message: "To do: there is no recorded checkpoint.",
      advice:
        "Record a small model of the original with inputs, outputs, loss and gradients " +
        "(tooling/fixtures/record-checkpoint.py), and pass what readRecordedCheckpoint makes of it in `checkpoints`.",
    },
  ];
}

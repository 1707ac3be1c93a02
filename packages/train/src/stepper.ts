import type { CompiledProgram, Numbers } from "@ligo/engine";

/** What an update found: the loss before it, and the norm of the gradient before clipping. */
export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
}

/** Counts and runs the updates of a compiled training program. */
export interface Stepper {
  readonly compiled: CompiledProgram;
  /** Updates done so far. */
  readonly steps: number;
  /** One update on a batch. */
  step(batch: Readonly<Record<string, Numbers>>, learningRate: number): Promise<StepResult>;
}

/** Runs what `trainingProgram` describes, one update at a time. */
export function createStepper(compiled: CompiledProgram): Stepper {
  let steps = 0;
  return {
    compiled,
    get steps() {
      return steps;
    },
    async step(batch, learningRate) {
      steps += 1;
      const outputs = await compiled.run({
        ...batch,
        learning_rate: Float32Array.of(learningRate),
        step: Float32Array.of(steps),
        seed: Int32Array.of(steps),
      });
      const scalar = (name: string): number => (outputs[name] as Numbers)[0] as number;
      return { loss: scalar("loss"), gradientNorm: scalar("gradient_norm") };
    },
  };
}

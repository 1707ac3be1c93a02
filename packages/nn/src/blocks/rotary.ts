import type { RotaryFrequencies } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import type { Sequences } from "./skipping.js";

/** Cosines and sines of positions: [batch or 1, sequence, 1, channels / 2] each. */
export interface RotaryTables {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
}

/** Tables for positions 0 to `sequence` - 1 of every text. */
export function rotaryTables(
  { inverse, factor }: RotaryFrequencies,
  sequence: number,
): RotaryTables {
  const angles = Array.from({ length: sequence }, (_, position) =>
    inverse.map((frequency) => Math.fround(position * Math.fround(frequency))),
  );
  const table = (read: (angle: number) => number): tf.Tensor4D =>
    tf.tensor4d(
      Float32Array.from(angles.flat(), (angle) => factor * read(angle)),
      [1, sequence, 1, inverse.length],
    );
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/**
 * Tables [1, all, 1, channels / 2] as they are, or their rows [batch, sequence, 1, channels / 2] at the positions of sequences of which
 * some tokens were dropped.
 */
export function tablesAt(
  tables: RotaryTables,
  { batch, positions, sequence }: Sequences,
): RotaryTables {
  if (positions === undefined) return tables;
  const at = (table: tf.Tensor4D): tf.Tensor4D => {
    const [, all, , half] = table.shape;
    return tf
      .gather(table.reshape<tf.Tensor2D>([all, half]), positions)
      .reshape([batch, sequence, 1, half]);
  };
  return { cos: at(tables.cos), sin: at(tables.sin) };
}

/**
 * Channels i and i + channels / 2 of every head turned by the angle of their position (the halves of `rotate_half` in
 * transformers); channels beyond the tables' pass. The gradient turns back.
 *
 * @param x [batch, sequence, heads, head size]
 * @returns the same shape
 */
export function rotate(x: tf.Tensor4D, { cos, sin }: RotaryTables): tf.Tensor4D {
  const turning = 2 * cos.shape[3];
  const passing = x.shape[3] - turning;
  if (passing > 0) {
    const [turned, rest] = tf.split(x, [turning, passing], 3) as [tf.Tensor4D, tf.Tensor4D];
    return tf.concat([rotate(turned, { cos, sin }), rest], 3);
  }
  const operation = tf.customGrad((...inputs) => {
    const [a, save] = inputs as unknown as [tf.Tensor4D, tf.GradSaveFunc];
    save([cos, sin]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [c, s] = saved as [tf.Tensor4D, tf.Tensor4D];
      return turn(dy as tf.Tensor4D, c, s.neg());
    };
    return { value: turn(a, cos, sin), gradFunc };
  });
  return operation(x);
}

function turn(x: tf.Tensor4D, cos: tf.Tensor4D, sin: tf.Tensor4D): tf.Tensor4D {
  const [first, second] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat(
    [
      first.mul<tf.Tensor4D>(cos).sub<tf.Tensor4D>(second.mul(sin)),
      second.mul<tf.Tensor4D>(cos).add<tf.Tensor4D>(first.mul(sin)),
    ],
    3,
  );
}

import type { Matrix } from "@ligo/core";
import type { SingularVectors } from "@ligo/core/methods";

/**
 * The left singular vectors of a matrix M, one a row, by singular values that do not grow: the eigenvectors of M M^T, in float64. It
 * takes as long as the cube of the number of rows.
 */
export async function singularVectors({ columns, data, rows }: Matrix): Promise<SingularVectors> {
  const { EigenvalueDecomposition, Matrix: Dense } = await import("ml-matrix");
  const matrix = Dense.from1DArray(rows, columns, data);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(
    matrix.mmul(matrix.transpose()),
    { assumeSymmetric: true },
  );
  const largestFirst = realEigenvalues
    .map((value, index) => ({ value, index }))
    .toSorted((a, b) => b.value - a.value);
  const vectors = largestFirst.flatMap(({ index }) => eigenvectorMatrix.getColumn(index));
  return {
    // rounding may leave the least below 0
    values: largestFirst.map(({ value }) => Math.sqrt(Math.max(0, value))),
    vectors: { rows, columns: rows, data: Float32Array.from(vectors) },
  };
}

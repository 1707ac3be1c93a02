export {
  openParquet,
  type ParquetFile,
  type ParquetRows,
  type ReadParquetOptions,
  type RefuseParquet,
} from "./open-parquet.js";
export type { WorkerFailure } from "./worker-answers.js";

export {
  compareNumbers,
  numericMatchers,
  type CloseTolerance,
  type NumericMatchers,
} from "./matchers.js";

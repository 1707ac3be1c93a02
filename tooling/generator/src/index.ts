export {
  architectureFiles,
  withArrow,
  withPackage,
  type ArchitectureAnswers,
} from "./architecture-files.js";

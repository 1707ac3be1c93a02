export { architectureFiles, withArrow, type ArchitectureAnswers } from "./architecture-files.js";

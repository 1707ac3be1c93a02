export { architectureFiles, withPackage, type ArchitectureAnswers } from "./architecture-files.js";

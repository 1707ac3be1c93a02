export * from "./checks.js";
export { describeArchitecture } from "./describe-architecture.js";

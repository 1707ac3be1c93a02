export { shellWords } from "@ligo/report";

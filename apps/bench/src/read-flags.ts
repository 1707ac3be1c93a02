import { parseArgs, type ParseArgsConfig } from "node:util";

/** The flags of a command as `parseArgs` has them; a wrong one ends the process with what is wrong and the help, and 2. */
export function readFlags<T extends ParseArgsConfig>(
  config: T,
  help: string,
): ReturnType<typeof parseArgs<T>>["values"] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n${help}`);
    process.exit(2);
  }
}

/** Whether a flag's text is a whole number from 1. */
export const isCount = (text: string): boolean => /^[1-9]\d*$/u.test(text);

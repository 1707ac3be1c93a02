import { createContext, Script } from "node:vm";
import { TokenizerFault } from "./json-part.js";

/** Shortest time that work may take, in milliseconds. */
const LEAST = 4000;

/** Characters that even a slow and busy machine cuts in a millisecond. */
const CHARACTERS = 50;

const sandbox: { work?: () => void } = {};
const script = new Script("work()");
let context: object | undefined;
let isWatched = false;

/**
 * Does work on a text, which a regular expression of a tokenizer may keep from ending, for as long as such a text may take: a
 * thread watches, as nothing else can stop a regular expression. It costs about 0.2 ms, and nothing within other such work.
 *
 * @throws TokenizerFault
 */
export function withinDeadline<T>(characters: number, pattern: string, work: () => T): T {
  if (isWatched) return work();
  const results: T[] = [];
  context ??= createContext(sandbox);
  sandbox.work = () => {
    results.push(work());
  };
  isWatched = true;
  try {
    script.runInContext(context, { timeout: LEAST + Math.ceil(characters / CHARACTERS) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}...` : pattern;
    throw new TokenizerFault(
      `its pattern ${JSON.stringify(shown)} does not come to an end on a text of ${characters} characters`,
    );
  } finally {
    isWatched = false;
    delete sandbox.work;
  }
  return results[0] as T;
}

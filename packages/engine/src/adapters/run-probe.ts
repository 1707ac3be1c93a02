import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProbeAnswer, ProbeRequest } from "./probe-request.js";
import type { Environment } from "./environment.js";

/** Everything that a probe said before it ended, or was ended. */
export interface ProbeOutcome {
  readonly answers: readonly ProbeAnswer[];
  /** Printed by onnxruntime, Dawn and the drivers, the first of it. */
  readonly log: string;
  /** Why the process ended before its work did. */
  readonly failure?: string;
}

export interface ProbeOptions {
  readonly env?: Environment;
  /** Seconds after which the process is killed. Default 20. */
  readonly deadline?: number;
  /** Script of the process. Default the package's own. */
  readonly script?: string;
}

const DEADLINE = 20;
/** Characters of the log that are kept. */
const LOG_LIMIT = 1 << 20;

/** Runs a probe in a process of its own and never throws. */
export function runProbe(
  request: ProbeRequest,
  { deadline = DEADLINE, env = process.env, script = ownScript() }: ProbeOptions = {},
): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const child = fork(script, [JSON.stringify(request)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [],
      env: { ...env, VK_LOADER_DEBUG: "driver,info" },
    });
    const answers: ProbeAnswer[] = [];
    let log = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, deadline * 1000);
    const end = (failure: string | undefined): void => {
      clearTimeout(timer);
      resolve({ answers, log, ...(failure === undefined ? {} : { failure }) });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => {
        if (log.length < LOG_LIMIT) log += text;
      });
    }
    child.on("message", (message) => answers.push(message as ProbeAnswer));
    child.on("error", (error) => end(`The process could not be started (${error.message}).`));
    child.on("close", (code, signal) => {
      if (isLate) end(`No answer came within ${deadline} s.`);
      else if (signal !== null) end(`The process was ended by ${signal}.`);
      else end(code === 0 ? undefined : `The process ended with code ${code}.`);
    });
  });
}

const ownScript = (): string => fileURLToPath(new URL("./probe-process.js", import.meta.url));

import { parentPort } from "node:worker_threads";
import { answerRequests } from "../worker-answers.js";

/** A worker that does what it is asked, however bad that is. */
answerRequests(parentPort, (request: string) => {
  if (request === "hang") for (;;);
  if (request === "exit") process.exit(3);
  if (request === "fail") throw Object.assign(new Error("it fails"), { code: "ENOENT" });
  if (request === "crash") {
    queueMicrotask(() => {
      throw new Error("it crashes");
    });
  }
  if (request === "grow") {
    const rows: number[][] = [];
    for (;;) rows.push(Array.from({ length: 1e5 }, (_, index) => index / 3));
  }
  return request;
});

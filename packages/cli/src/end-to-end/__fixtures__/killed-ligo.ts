// `ligo` with BERT at hand, for tests that kill it.
import { bert } from "@ligo/bert";
import { runProcess } from "../../run-process.js";

await runProcess(process, { architectures: [bert], lineSeconds: 0 });

import { checkGguf as checkModel } from "@ligo/sdk";
import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo check-gguf`. */
export async function checkGguf(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  const result = await checkModel(checkpoint, handlesOf(call, io));
  const { className, converts, faults } = result;
  const words = converts
    ? `llama.cpp converts ${className}: python convert_hf_to_gguf.py ${checkpoint}\n`
    : `llama.cpp does not convert this model:\n${faults.map((one) => `- ${one}\n`).join("")}`;
  printResult(call, io, jsonKeys(result) as object, words);
}

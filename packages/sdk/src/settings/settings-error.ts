import { LigoError } from "@ligo/core";
import type { Fault } from "./rules.js";

/** Settings that are wrong: all faults at once. Its code is `settings/invalid`; every fault has one of its own. */
export class SettingsError extends LigoError {
  readonly faults: readonly Fault[];

  constructor(of: string, faults: readonly Fault[], file?: string) {
    const where = file === undefined ? "" : `${file}: `;
    const sentences = faults.map(({ message }) => `${message}.`);
    const text =
      sentences.length === 1
        ? `${where}${sentences[0]}`
        : `${where}${faults.length} settings of ${of} are wrong.\n${sentences.map((one) => `- ${one}`).join("\n")}`;
    super("settings/invalid", text, {
      file,
      expected: joined(faults.map(({ expected }) => expected)),
      actual: joined(faults.map(({ actual }) => actual)),
    });
    this.faults = faults;
  }
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? undefined : given.join("; ");
}

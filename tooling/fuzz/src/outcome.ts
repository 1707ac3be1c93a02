import { LigoError } from "@ligo/core";
import { WrongAccept } from "./target.js";

/** Words on an error that none should have been. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What became of an input. */
export type Outcome =
  | { readonly kind: "accepted"; readonly reading: unknown }
  | { readonly kind: "refused"; readonly code: string }
  /** An error that is no `LigoError`; one that nobody caught; something accepted that is not so; an endless message. */
  | { readonly kind: "crash" | "uncaught" | "wrong" | "loud"; readonly failure: Failure }
  /** More memory than an input of its size is worth, in bytes. */
  | { readonly kind: "memory"; readonly bytes: number }
  /** No answer within the deadline. */
  | { readonly kind: "hang" }
  /** The process ended. */
  | { readonly kind: "died"; readonly how: string };

export type Finding = Exclude<Outcome, { readonly kind: "accepted" | "refused" }>;

/** Most characters that an error may say. */
const LOUD = 10_000;

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error), stack: "" };
  const { message, name, stack = "" } = error;
  return { name, message: message.slice(0, 2000), stack: stack.slice(0, 4000) };
}

/** The outcome of a reading that threw. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof WrongAccept) return { kind: "wrong", failure: failureOf(error) };
  if (!LigoError.isInstance(error)) return { kind: "crash", failure: failureOf(error) };
  if (error.message.length > LOUD) return { kind: "loud", failure: failureOf(error) };
  return { kind: "refused", code: error.code };
}

export const isFinding = (outcome: Outcome): outcome is Finding =>
  outcome.kind !== "accepted" && outcome.kind !== "refused";

/** Names what is the same about findings of one cause: the error without its numbers and names, and where it was thrown. */
export function signatureOf(finding: Finding): string {
  if (!("failure" in finding)) return finding.kind;
  const { message, name, stack } = finding.failure;
  // up to what is of the input
  const plain = message.split(/["'`\d:,\n]/u, 1)[0]?.slice(0, 60);
  const frame = /^\s+at (?:async )?([\w.<>]+)/mu.exec(stack)?.[1] ?? "";
  return [finding.kind, name, finding.kind === "loud" ? "" : plain, frame].join(" | ");
}

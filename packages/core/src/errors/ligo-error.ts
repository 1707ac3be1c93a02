/** Structured facts of a failure: which file and tensor, what was expected there, what was found. */
export interface LigoErrorDetails {
  readonly file?: string | undefined;
  readonly tensor?: string | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("ligo.error");

/** Characters that a message may have; of a longer one the middle is left out, as its end says what to do. */
const LONGEST = 4000;
const LAST = 1000;

function inBounds(message: string): string {
  const over = message.length - LONGEST;
  if (over <= 0) return message;
  return `${message.slice(0, LONGEST - LAST)} ... (${over} characters left out) ... ${message.slice(-LAST)}`;
}

/**
 * Base of every error LiGO throws on purpose. `code` is stable (`checkpoint/truncated`, ...), the message says what,
 * where and what to do. Recognise one with {@link LigoError.isInstance}, which survives duplicate package copies.
 */
export class LigoError extends Error {
  readonly code: string;
  readonly file: string | undefined;
  readonly tensor: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;

  constructor(code: string, message: string, details: LigoErrorDetails = {}) {
    super(inBounds(message), details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.name = new.target.name;
    this.code = code;
    this.file = details.file;
    this.tensor = details.tensor;
    this.expected = details.expected;
    this.actual = details.actual;
  }

  static isInstance(value: unknown): value is LigoError {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

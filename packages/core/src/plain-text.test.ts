import { describe, expect, it } from "vitest";
import { printable, redacted, shortened } from "./plain-text.js";

describe("redacted", () => {
  it.each([
    ["hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "***"],
    ["at hf_abcdefghijklmnopqrstuvwxyz01234567/x", "at ***/x"],
    ["HF_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234567", "***"],
    ["Authorization: Bearer abcdef.ghi=", "Authorization: Bearer ***"],
    ["authorization=abcdefgh, x", "authorization=***, x"],
    ["http://user:p@ss@host/a", "http://***@host/a"],
    ["HTTP://USER:PASS@HOST/a", "HTTP://***@HOST/a"],
    ["to http%3A%2F%2Fuser%3Apass%40host", "to http%3A%2F%2F***%40host"],
    ["https://host/a?X-Amz-Signature=abc&b=1", "https://host/a?X-Amz-Signature=***&b=1"],
    ["?api_key=1234&token=5678", "?api_key=***&token=***"],
  ])("%s", (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  it.each([
    "HF_ENDPOINT, HF_HUB_DOWNLOAD_TIMEOUT",
    "folder/hf_checkpoint_large/config.json",
    "hf_pretrained",
    "org/name@main",
    "https://host/a@b?q=c",
    "mail me@host.org",
    "the bearer of it",
  ])("leaves %s", (text) => {
    expect(redacted(text)).toBe(text);
  });

  it("hides a secret in any case and encoding, and no short one", () => {
    const secret = "s3cret.T+/oken";
    const spelled = [
      secret,
      secret.toLowerCase(),
      encodeURIComponent(secret),
      encodeURIComponent(encodeURIComponent(secret)),
      "%73%33cret%2eT%2B%2Foken",
    ];
    for (const one of spelled) expect(redacted(`a ${one} b`, [secret])).toBe("a *** b");
    expect(redacted("s3cretXT+/oken", [secret])).toBe("s3cretXT+/oken");
    expect(redacted("a token", ["to", ""])).toBe("a token");
  });
});

it("hides a secret of any characters that a header takes", () => {
  const secret = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
  expect(redacted(`a ${secret} b`, [secret])).toBe("a *** b");
});

describe("printable", () => {
  it("escapes what a terminal obeys, as JSON does", () => {
    const text = "\u001B[2J\u0007\r\u007F\u009B\u202E\u2069\u2028";
    expect(JSON.parse(`"${printable(text)}"`)).toBe(text);
    expect(printable(text)).toMatch(/^[\x20-\x7E]+$/u);
  });

  it("leaves text, tabs and line ends", () => {
    const text = "a\tb\nzwölf 漢字 🙂 עברית";
    expect(printable(text)).toBe(text);
  });
});

describe("shortened", () => {
  it("says how long a text was", () => {
    expect(shortened("short")).toBe("short");
    expect(shortened("x".repeat(1e5), 3)).toBe("xxx... (100000 characters)");
  });
});

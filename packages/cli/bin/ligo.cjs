#!/usr/bin/env node
// What scripts ask first, and often, loads nothing: not even Node's loader of modules.
const [, , first, ...others] = process.argv;
if (others.length === 0 && (first === "-V" || first === "--version")) {
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  void import("../dist/ligo.js");
}

// Builds packages and says one line; what the build says is shown where it fails: node quiet-build.mjs <filter>
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const [filter = ""] = process.argv.slice(2);
const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
process.stderr.write("Building the packages: about half a minute the first time ...\n");
const argv = [turbo, "run", "build", `--filter=${filter}`, "--output-logs=errors-only"];
const { status, stderr, stdout } = spawnSync(process.execPath, argv, { encoding: "utf8" });
if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
process.exitCode = status ?? 1;

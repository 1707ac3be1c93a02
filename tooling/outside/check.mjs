// The packages work outside this repository: packs them, installs the command line and the library with one architecture,
// and with one that somebody else wrote, into an empty project, as a user's npm does, install scripts included; grows a
// model of each there by command, and one by a program that a strict type checker passes, declarations of the packages
// included. Where only the npm registry can be reached, onnxruntime's install script fails: then the command must say which
// line helps, and the line must help.
//
//   npx turbo run build && node tooling/outside/check.mjs
//
// Needs the npm registry, or what npm has cached of it. Exits with 1 where anything is not as it should be.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, "__fixtures__");
const root = join(here, "..", "..");
const packages = join(root, "packages");
const thirdParty = "ligo-architecture-residual-mlp";

/** Models to grow: the config of the small one, what changes, and the package that knows it. */
const models = [
  {
    package: "@ligo/gpt2",
    config: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: 300,
      n_positions: 32,
      n_embd: 16,
      n_layer: 1,
      n_head: 2,
    },
    to: { n_embd: 32, n_head: 4, n_layer: 2 },
  },
  {
    package: thirdParty,
    config: {
      model_type: "residual-mlp",
      architectures: ["ResidualMlpForCausalLM"],
      vocab_size: 300,
      max_positions: 32,
      hidden_size: 16,
      mlp_size: 32,
      num_layers: 1,
    },
    to: { hidden_size: 32, mlp_size: 64, num_layers: 2 },
  },
];

/** Megabytes of an installation beside onnxruntime's. */
const LARGEST_REST = 30;

/** Packages of this repository that growing GPT-2 brings along; no others. */
const needed =
  "board checkpoint cli compare core data engine gpt2 hub nn report sdk tfjs train".split(" ");

const work = mkdtempSync(join(tmpdir(), "ligo-outside-"));
const npm = (folder, ...argv) =>
  execFileSync("npm", argv, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    // npm is a script there, which no program can start by itself
    shell: process.platform === "win32",
  });

function packAll() {
  const tarballs = join(work, "tarballs");
  mkdirSync(tarballs);
  const folders = [...needed.map((name) => join(packages, name)), join(fixtures, thirdParty)];
  const packed = npm(work, "pack", "--json", "--pack-destination", tarballs, ...folders);
  return Object.fromEntries(
    JSON.parse(packed).map(({ name, filename }) => [name, `file:${join(tarballs, filename)}`]),
  );
}

function install(tarballs) {
  const project = join(work, "project");
  mkdirSync(project);
  const wanted = ["@ligo/cli", "@ligo/sdk", ...models.map((model) => model.package)];
  // Until they are published, the packages that these bring along come from this repository too.
  const overrides = Object.fromEntries(
    Object.entries(tarballs).filter(([name]) => !wanted.includes(name)),
  );
  const dependencies = Object.fromEntries(wanted.map((name) => [name, tarballs[name]]));
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const manifest = {
    name: "outside",
    private: true,
    type: "module",
    dependencies,
    devDependencies: { "@types/node": devDependencies["@types/node"] },
    overrides,
  };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest, undefined, 2));
  npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund");
  return project;
}

/** The command line as a user's shell starts it, by the entry that npm links. */
function startLigo(project, argv) {
  const entry = join(project, "node_modules", "@ligo", "cli", "bin", "ligo.cjs");
  return spawnSync(process.execPath, [entry, ...argv], { cwd: project, encoding: "utf8" });
}

/** Brings onnxruntime by the line that the command names, where its install script failed and npm left it out. */
function bringRuntime(project) {
  assert.match(npm(project, "exec", "--", "ligo", "--version"), /^\d+\.\d+\.\d+\s*$/u);
  if (existsSync(join(project, "node_modules", "onnxruntime-node"))) return;
  const { status, stderr } = startLigo(project, ["doctor"]);
  assert.equal(status, 2, stderr);
  const [line, command] =
    /^ *npm (install --ignore-scripts onnxruntime-node@\S+)$/mu.exec(stderr) ?? [];
  assert.ok(line, `no line that helps: ${stderr}`);
  npm(project, ...command.split(" "), "--prefer-offline", "--no-audit", "--no-fund");
  process.stdout.write(
    `onnxruntime's install script failed; the command's line helped:${line.trimEnd()}\n`,
  );
}

function checkInstalled(project) {
  const modules = join(project, "node_modules");
  assert.deepEqual(readdirSync(join(modules, "@ligo")).toSorted(), needed);
  for (const name of ["sharp", "@tensorflow", join("@huggingface", "hub")]) {
    assert.ok(!existsSync(join(modules, name)), `${name} was installed without need`);
  }
  for (const name of needed) {
    const nested = join(modules, "@ligo", name, "node_modules");
    assert.ok(!existsSync(nested), `a package is there twice: see ${nested}`);
  }
}

/** Files below a folder, by the package they belong to: megabytes. */
function megabytes(modules) {
  const sizes = new Map();
  for (const file of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const [first, second] = relative(modules, file.parentPath).split(sep);
    const name = first.startsWith("@") ? `${first}/${second}` : first;
    const { size } = statSync(join(file.parentPath, file.name));
    sizes.set(name, (sizes.get(name) ?? 0) + size / 2 ** 20);
  }
  return sizes;
}

/** Holds how much disk an installation takes: of onnxruntime, which brings builds for every system, and of all else. */
function checkSize(project) {
  const sizes = megabytes(join(project, "node_modules"));
  const runtime = sizes.get("onnxruntime-node") ?? 0;
  const rest = [...sizes.values()].reduce((sum, size) => sum + size, 0) - runtime;
  const largest = [...sizes].toSorted(([, one], [, other]) => other - one).slice(0, 5);
  const listed = largest.map(([name, size]) => `${name} ${size.toFixed(0)}`).join(", ");
  const text = `installed: ${(runtime + rest).toFixed(0)} MB (${listed})`;
  assert.ok(rest < LARGEST_REST, `${text}: beside onnxruntime at most ${LARGEST_REST} MB`);
  process.stdout.write(`${text}\n`);
}

/** Compiles a program against the library, with what a browser's or Node's types may bring; returns the file to run. */
function compile(project) {
  cpSync(join(fixtures, "program.ts"), join(project, "program.ts"));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: "nodenext",
    target: "es2022",
    lib: ["esnext", "dom"],
    types: ["node"],
    outDir: "out",
  };
  const config = { compilerOptions, files: ["program.ts"] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "."], { cwd: project, stdio: "inherit" });
  return join(project, "out", "program.js");
}

function grow(project, { config, to }) {
  const folder = join(project, config.model_type);
  mkdirSync(folder);
  cpSync(join(fixtures, "tokenizer"), folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const text = join(folder, "text.txt");
  writeFileSync(
    text,
    "The cat sees the dog. The dog hears the bird, and the bird sees a cat.\n".repeat(80),
  );
  const ligo = (...argv) => {
    const { status, stderr, stdout } = startLigo(project, [...argv, "--json"]);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const learn = ["--data", text, "--steps", "3", "--batch", "4", "--seq", "16", "--quiet"];
  const [small, grown] = [join(folder, "small"), join(folder, "grown")];
  ligo("train", join(folder, "config.json"), "--out", small, ...learn);
  const result = ligo("grow", small, "--to", JSON.stringify(to), "--out", grown, ...learn);
  assert.ok(result.losses.grown > 0 && result.losses.small > 0, "no losses");
  assert.ok(result.parameters.target > result.parameters.source, "nothing grew");
  const written = JSON.parse(readFileSync(join(grown, "config.json"), "utf8"));
  assert.deepEqual(written, { ...written, ...to });
  // added layers and mixed units change the function, and both models run
  assert.equal(ligo("verify", small, grown).verdict, "changed");
  process.stdout.write(
    `${config.model_type}: grown from ${result.parameters.source} to ${result.parameters.target} parameters, ` +
      `loss ${result.losses.small.toFixed(4)} -> ${result.losses.grown.toFixed(4)}\n`,
  );
}

try {
  const project = install(packAll());
  checkInstalled(project);
  bringRuntime(project);
  checkSize(project);
  const program = compile(project);
  for (const model of models) grow(project, model);
  const small = join(project, "gpt2", "small");
  execFileSync(process.execPath, [program, small, "3"], { cwd: project, stdio: "inherit" });
  process.stdout.write("a program: compiled strictly, grown in memory\n");
} finally {
  rmSync(work, { recursive: true, force: true });
}

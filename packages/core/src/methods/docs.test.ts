import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Layout } from "../layout/layout.js";
import { createLayout } from "../layout/parts/create-layout.js";
import { embeddingTable, linearLayer, normLayer, axis } from "../layout/parts/parameters.js";
import { attentionSpaces, fixedSpace, layerSpace, modelSpace } from "../layout/parts/spaces.js";
import { transformerLayer } from "../layout/parts/transformer-layer.js";
import { createPlan } from "../plan/create-plan.js";
import type { Method } from "./method.js";
import { methods } from "./methods.js";

const file = fileURLToPath(new URL("../../../../docs/reference/methods.md", import.meta.url));
const [BEGIN, END] = ["<!-- methods -->\n", "<!-- /methods -->"];

/** A transformer with its norms before or behind the sublayers, and a classifier of its own. */
function transformer(norm: "pre" | "post", sizes: Partial<Sizes> = {}): Layout {
  const { embed, heads, layers, mlp } = { embed: 8, heads: 2, layers: 2, mlp: 12, ...sizes };
  const outside = normLayer("norm", "embed");
  const inside = transformerLayer(
    {
      queryKeyValue: ["{i}.query", "{i}.key", "{i}.value"],
      attentionOutput: "{i}.output",
      attentionNorm: "{i}.norm1",
      mlpInput: "{i}.up",
      mlpOutput: "{i}.down",
      mlpNorm: "{i}.norm2",
    },
    { stack: "layers", norm },
  );
  return createLayout({
    architecture: norm,
    className: norm,
    spaces: {
      embed: modelSpace(embed),
      ...attentionSpaces(embed, heads),
      mlp: layerSpace(mlp),
      token: fixedSpace(9),
      label: fixedSpace(3),
    },
    stacks: { layers: { layers, norm } },
    parameters: [
      embeddingTable("table", "token"),
      ...(norm === "post" ? [...outside, ...inside] : [...inside, ...outside]),
      ...linearLayer("classifier", axis("label", "fixed"), axis("embed", "in")),
    ],
  });
}

interface Sizes {
  readonly embed: number;
  readonly heads: number;
  readonly layers: number;
  readonly mlp: number;
}

/** Growths, one a column. */
const growths: Readonly<Record<string, Partial<Sizes>>> = {
  "twice as wide": { embed: 16, heads: 4 },
  "half as wide again": { embed: 12, heads: 3 },
  "a wider MLP": { mlp: 17 },
  "more layers": { layers: 5 },
};

/** The norm positions with which a growth keeps the function. */
function keeps(method: Method, sizes: Partial<Sizes>): string {
  const kept = (["pre", "post"] as const).filter((norm) => {
    const plan = createPlan(transformer(norm), transformer(norm, sizes));
    return (method.startKeepsFunction ?? method.keepsFunction)(plan).kept;
  });
  const where = kept.length === 2 ? "yes" : kept.length === 0 ? "no" : `${kept.join()}-norm`;
  return kept.length > 0 && method.startKeepsFunction !== undefined
    ? `${where}, at the start`
    : where;
}

function table(): string {
  const rows = methods.map((method) => [
    `\`${method.name}\``,
    method.says,
    method.source,
    method.learns === false ? (method.asksData === true ? "no, asks data" : "no") : method.learns,
    ...Object.values(growths).map((sizes) => keeps(method, sizes)),
  ]);
  const head = ["name", "in one sentence", "source", "learned", ...Object.keys(growths)];
  return toTable([head, ...rows]);
}

/** Markdown as the formatter of this repository writes it. */
function toTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

it("docs/reference/methods.md has the methods as they describe themselves", () => {
  const text = readFileSync(file, "utf8");
  const [before = "", rest = ""] = text.split(BEGIN);
  const [, after = ""] = rest.split(END);
  const made = `${before}${BEGIN}\n${table()}\n\n${END}${after}`;
  if (process.env["LIGO_DOCS"] === "write") writeFileSync(file, made);
  expect(readFileSync(file, "utf8")).toBe(made);
});

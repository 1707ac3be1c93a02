import type { DraftAttention, DraftRotary } from "./draft-attention.js";
import type { DraftAxis, DraftParameter } from "./draft-axes.js";
import type { DraftSpace, LayoutDraft } from "./draft-layout.js";

/** A model type as a name in TypeScript: `my-model` is `myModel`. */
function identifier(modelType: string): string {
  const joined = modelType.replaceAll(/[^A-Za-z\d]+(\w)?/gu, (_, letter: string | undefined) =>
    (letter ?? "").toUpperCase(),
  );
  return /^\d/u.test(joined) ? `model${joined}` : joined;
}

/** Names of @ligo/core/layout that a draft may use. */
const HELPERS = [
  "attentionSpaces",
  "axis",
  "createLayout",
  "fixedSpace",
  "groupedAttentionSpaces",
  "inStack",
  "labelCount",
  "layerSpace",
  "modelSpace",
  "parameter",
  "rotaryFrequencies",
  "rotaryOptions",
  "withHeadNorms",
];

const quote = (text: string): string => JSON.stringify(text);

/** A draft as the `layout.ts` of an architecture package, ready to be edited. */
export function renderDraft(draft: LayoutDraft): string {
  const name = identifier(draft.modelType);
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Config`;
  const outside = draft.parameters.filter(({ stack }) => stack === undefined);
  const firstInStack = draft.parameters.findIndex(({ stack }) => stack !== undefined);
  const before = outside.filter((one) => draft.parameters.indexOf(one) < firstInStack);
  const after = outside.filter((one) => !before.includes(one));
  const body = [
    ...before.map((one) => line(one, "      ")),
    ...draft.stacks.map(
      ({ name: stack }) =>
        `      ...inStack(${quote(stack)}, [\n${draft.parameters
          .filter((one) => one.stack === stack)
          .map((one) => line(one, "        "))
          .join("\n")}\n      ]),`,
    ),
    ...after.map((one) => line(one, "      ")),
  ].join("\n");
  const spaces = renderSpaces(draft);
  const uses = (helper: string): boolean => `${body}${spaces}`.includes(`${helper}(`);
  const helpers = HELPERS.filter((helper) => helper === "createLayout" || uses(helper));
  const buffers = draft.buffers.map((buffer) => `^${escaped(buffer)}$`);
  return [
    `import {`,
    ...helpers.map((helper) => `  ${helper},`),
    "  type Layout,",
    '} from "@ligo/core/layout";',
    `import type { ${type} } from "./config.js";`,
    "",
    "/**",
    ` * Drafted by \`ligo inspect\` from one checkpoint of the class ${draft.className || "(the config names none)"}: look at every line,`,
    " * at those marked GUESS and UNKNOWN first.",
    " */",
    `export function ${name}Layout(config: ${type}, className: string): Layout {`,
    "  return createLayout({",
    `    architecture: ${quote(draft.modelType)},`,
    "    className,",
    "    spaces: {",
    spaces,
    "    },",
    "    stacks: {",
    ...draft.stacks.map(
      ({ name: stack, norm, key, kinds, layers }) =>
        `      ${propertyName(stack)}: { layers: ${key === undefined ? `${layers} /* UNKNOWN: which key? */` : `config.${key}`}, norm: ${norm === undefined ? '"pre" /* UNKNOWN: or "post"? */' : quote(norm)}${kinds === undefined ? "" : `, kinds: config.${kinds}`} },`,
    ),
    "    },",
    "    parameters: [",
    body,
    "    ],",
    `    drops: [${[...new Set(buffers.map((one) => quote(one.replaceAll(/\\\.\d+\\\./gu, String.raw`\.\d+\.`))))].join(", ")}],`,
    "  });",
    "}",
    "",
  ].join("\n");
}

function renderSpaces({ attention, spaces, parameters, headsKey }: LayoutDraft): string {
  const helper = { model: "modelSpace", layer: "layerSpace", fixed: "fixedSpace" } as const;
  const lines: string[] = [];
  let hasAttention = false;
  for (const { name, size, expression, kind } of spaces) {
    if (kind === "attention") {
      if (!hasAttention)
        lines.push(
          attention === undefined ? attentionLine(spaces, headsKey) : attentionLines(attention),
        );
      hasAttention = true;
      continue;
    }
    const value = expression ?? `${size} /* UNKNOWN: which key? */`;
    lines.push(`      ${propertyName(name)}: ${helper[kind]}(${value}),`);
  }
  return parameters.length === 0 ? "" : lines.join("\n");
}

function attentionLine(spaces: readonly DraftSpace[], headsKey: string | undefined): string {
  const width = spaces.find(({ name }) => name === "embed")?.expression ?? "config.hidden_size";
  const heads = headsKey === undefined ? "1 /* UNKNOWN: which key? */" : `config.${headsKey}`;
  return `      ...attentionSpaces(${width}, ${heads}),`;
}

/** The spaces of attention as products of their factors. */
function attentionLines(attention: DraftAttention): string {
  const { headNorms, headSize, heads, keyValueHeads, rotary, scale } = attention;
  const options = [
    ...(rotary === undefined ? [] : [`rotary: ${rotaryExpression(rotary)}`]),
    ...(scale === undefined ? [] : [`scale: ${scale.expression}`]),
  ];
  if (keyValueHeads === undefined) {
    const { expression } = headSize;
    // a size that is the width over the heads
    const [width, divisor] = expression.split(" / ");
    const size =
      divisor === heads.expression ? (width ?? "") : `${heads.expression} * ${expression}`;
    const more = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
    return `      ...attentionSpaces(${size}, ${heads.expression}${more}),`;
  }
  const grouped = [
    "groupedAttentionSpaces({",
    `        heads: ${heads.expression},`,
    `        keyValueHeads: ${keyValueHeads.expression},`,
    `        headSize: ${headSize.expression},`,
    ...options.map((option) => `        ${option},`),
    "      })",
  ].join("\n");
  return `      ...${headNorms ? `withHeadNorms(${grouped})` : grouped},`;
}

function rotaryExpression({ channels, perKind }: DraftRotary): string {
  const of = (config: string): string =>
    `rotaryFrequencies(rotaryOptions(${config}, ${channels.expression})).inverse`;
  return perKind
    ? `Object.values(config.rope_parameters).map((own) => ${of("{ ...config, rope_parameters: own }")})`
    : `[${of("config")}]`;
}

function line(
  { name, axes, initial, norm, decay, remarks }: DraftParameter,
  indent: string,
): string {
  const rendered = axes.map(({ interleavedBy, space, role }) => {
    const made = `axis(${typeof space === "string" ? quote(space) : `[${space.map(quote).join(", ")}]`}, ${quote(role)})`;
    return interleavedBy === undefined
      ? made
      : `{ ...${made}, interleavedBy: ${quote(interleavedBy)} }`;
  });
  const more = [
    ...(initial === "normal" ? [] : [`initial: ${quote(initial)}`]),
    ...(norm === undefined ? [] : [`norm: ${quote(norm)}`]),
    ...(decay ? [] : ["decay: false"]),
  ];
  const options = more.length === 0 ? "" : `, { ${more.join(", ")} }`;
  const notes = [...axes.flatMap(note), ...remarks.map((remark) => `UNKNOWN: ${remark}`)];
  const comment = notes.map((text) => `${indent}// ${text}\n`).join("");
  return `${comment}${indent}parameter(${quote(name)}, [${rendered.join(", ")}]${options}),`;
}

function note({ certainty, reason }: DraftAxis, index: number): readonly string[] {
  if (certainty === "sure") return [];
  return [`${certainty === "guess" ? "GUESS" : "UNKNOWN"}, axis ${index}: ${reason ?? ""}`];
}

const propertyName = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/u.test(name) ? name : quote(name);

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

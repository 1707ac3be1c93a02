import type { MethodName } from "@ligo/core";

/** What `ligo grow --method` offers: one line each, and where it is from. */
export const GROW_METHODS: Readonly<
  Record<MethodName, { readonly does: string; readonly source: string }>
> = {
  ligo: {
    does: "learn how units mix and how layers mix",
    source: "LiGO, Wang et al. 2023",
  },
  "ligo-depth": {
    does: "the same, but learn how layers mix alone; units are copied",
    source: "LiGO, L_depth",
  },
  "ligo-width": {
    does: "the same, but learn how units mix alone; layers are stacked",
    source: "LiGO, R_width",
  },
  "ligo-lossless": {
    does: "the same, from the start that `lemon` makes",
    source: "LiGO from LEMON",
  },
  mango: {
    does: "learn how all matrices of a layer mix too, with one map for all of them",
    source: "Mango, Pan et al. 2023",
  },
  stack: {
    does: "layer i from layer i mod L1; units copied and shared evenly by what reads them",
    source: "StackBERT, Gong et al. 2019",
  },
  interpolate: {
    does: "layer i from layer floor(i L1 / L2); units as in `stack`",
    source: "LiGO, Proposition 1",
  },
  interlace: {
    does: "another name for `interpolate`",
    source: "LiGO's published code",
  },
  "zero-block": {
    does: "copied layers that add nothing yet; units as in `stack`",
    source: "LLaMA Pro, Wu et al. 2024; Shen et al. 2022",
  },
  net2net: {
    does: "units copy random ones; added layers are identities where they can be",
    source: "Net2Net, Chen et al. 2016",
  },
  fpi: {
    does: "units copy random ones; the widened model is stacked",
    source: "bert2BERT, Chen et al. 2022",
  },
  aki: {
    does: "as `fpi`, new units from the layer above",
    source: "bert2BERT, Chen et al. 2022",
  },
  tile: {
    does: "weights in the middle and repeated around it; layer round(i L1 / L2)",
    source: "ModernBERT, Warner et al. 2024",
  },
  lemon: {
    does: "lossless at any width where norms stand before sublayers; zero blocks in depth",
    source: "LEMON, Wang et al. 2024",
  },
  "direct-copy": {
    does: "units and layers stay, all else starts from scratch",
    source: "Wei et al. 2016",
  },
  random: {
    does: "everything starts from scratch",
    source: "what others are measured against",
  },
};

/** The list of methods for `ligo grow --help`. */
export function describeMethods(): string {
  const names = Object.keys(GROW_METHODS) as MethodName[];
  const width = Math.max(...names.map(({ length }) => length));
  return [
    "Methods:",
    ...names.map((name) => {
      const { does, source } = GROW_METHODS[name];
      return `  ${name.padEnd(width)}  ${does} (${source})`;
    }),
  ].join("\n");
}

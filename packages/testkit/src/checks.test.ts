import type { Architecture, Layout, Parameter } from "@ligo/core";
import * as z from "@ligo/core/zod";
import { asTensor, type Model, type Parameters } from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import {
  toy,
  toyFixtures,
  toyKeys,
  toyLayout,
  toyModel,
  type ToyConfig,
} from "./__fixtures__/toy.js";
import { checks, formatProblems, problemsOf, type Problem } from "./checks.js";
import type { ArchitectureFixtures } from "./fixtures.js";

/** Problems of every check that has some, by its name. */
async function failures(
  architecture: Architecture<ToyConfig>,
  fixtures: ArchitectureFixtures = toyFixtures,
): Promise<Record<string, readonly Problem[]>> {
  const failed: Record<string, readonly Problem[]> = {};
  for (const check of checks) {
    const problems = problemsOf(await check.run(architecture, fixtures));
    if (problems.length > 0) failed[check.name] = problems;
  }
  return failed;
}

/** The toy with another layout. */
const laidOut = (
  change: (layout: Layout, config: ToyConfig) => Layout,
): Architecture<ToyConfig> => ({
  ...toy,
  layout: (config, className) => change(toyLayout(config, className), config),
});
/** The toy with some parameters changed. */
const withParameters = (
  change: (parameter: Parameter, layout: Layout) => readonly Parameter[],
): Architecture<ToyConfig> =>
  laidOut((layout) => ({
    ...layout,
    parameters: layout.parameters.flatMap((parameter) => change(parameter, layout)),
  }));
/** The toy with another model. */
const modelled = (change: (model: Model, className: string) => Model): Architecture<ToyConfig> => ({
  ...toy,
  model: async () => (config: ToyConfig, className: string) =>
    change(toyModel(config, className), className),
});

const isClass = ({ className }: Layout, name: string): boolean => className === name;

/** An adapter with one fault: which checks see it, and a piece of the advice they give. */
interface Broken {
  readonly fault: string;
  readonly architecture: Architecture<ToyConfig>;
  readonly fixtures?: ArchitectureFixtures;
  readonly failing: readonly string[];
  readonly advice: string;
}

let counter = 0;

const broken: readonly Broken[] = [
  {
    fault: "a function key is misspelt",
    architecture: { ...toy, functionKeys: ["tie_word_embedding"] },
    failing: ["contract"],
    advice: "Spell keys of `functionKeys`",
  },
  {
    fault: "the schema refuses a model type that is served",
    architecture: { ...toy, modelTypes: ["toy", "toy2"] },
    failing: ["contract"],
    advice: "Accept in `config` every model type",
  },
  {
    fault: "an older version's spelling is not known",
    architecture: laidOut((layout) => ({ ...layout, renames: layout.renames.slice(1) })),
    failing: ["coverage"],
    advice: "add a rename to `renames`",
  },
  {
    fault: "a class's readout has the wrong size",
    architecture: laidOut((layout) =>
      isClass(layout, "ToyModel")
        ? {
            ...layout,
            spaces: { ...layout.spaces, position: { size: 9, grows: false, scope: "model" } },
          }
        : layout,
    ),
    failing: ["shapes"],
    advice: "Correct the spaces of the parameter's axes",
  },
  {
    fault: "a class has no forward pass",
    architecture: modelled((model, className) =>
      className === "ToyModel" ? { ...model, forward: () => ({}) } : model,
    ),
    failing: ["classes"],
    advice: "serve every class that `architectures` names",
  },
  {
    fault: "nothing is dropped in training",
    architecture: modelled((model) => ({
      ...model,
      objectives: Object.fromEntries(
        Object.entries(model.objectives).map(([name, objective]) => [
          name,
          {
            ...objective,
            loss: (p, batch) =>
              objective.loss({ get: (key) => p.get(key), has: (key) => p.has(key) }, batch),
          },
        ]),
      ),
    })),
    failing: ["dropout"],
    advice: "Drop what the original drops",
  },
  {
    fault: "files without the prefix are not read",
    architecture: laidOut((layout) => ({ ...layout, renames: layout.renames.slice(0, 1) })),
    failing: ["variants"],
    advice: "`renames` for other spellings",
  },
  {
    fault: "a copy is made of the wrong tensor",
    architecture: withParameters((parameter) => [
      parameter.mirrorOf === undefined ? parameter : { ...parameter, mirrorOf: "toy.norm.bias" },
    ]),
    failing: ["round-trip", "identity", "shards"],
    advice: "every written parameter numbers to write",
  },
  {
    fault: "a tied readout is written",
    architecture: withParameters((parameter) => {
      const { tiedTo, ...rest } = parameter;
      return [tiedTo === undefined ? parameter : { ...rest, mirrorOf: tiedTo }];
    }),
    failing: ["tied-names"],
    advice: "has `tiedTo`",
  },
  {
    fault: "the second name of an untied head's bias is not written",
    architecture: withParameters((parameter) => {
      if (parameter.mirrorOf !== undefined) return [];
      return [
        parameter.name === "head.bias" ? { ...parameter, aliases: ["head_bias"] } : parameter,
      ];
    }),
    failing: ["untied-twins"],
    advice: "with `mirrorOf`",
  },
  {
    fault: "a space with a map per layer is used outside the layers",
    architecture: laidOut((layout) => ({
      ...layout,
      spaces: { ...layout.spaces, embed: { ...layout.spaces["embed"]!, scope: "layer" } },
    })),
    failing: [
      "identity",
      "width",
      "depth",
      "kept-functions",
      "new-tokens",
      "operator-gradients",
      "grown-gradients",
      "random-sizes",
    ],
    advice: "growable to its own sizes",
  },
  {
    fault: "the norm before a tied readout is not marked",
    architecture: withParameters((parameter) => [
      Object.fromEntries(
        Object.entries(parameter).filter(([key]) => key !== "readout"),
      ) as unknown as Parameter,
    ]),
    failing: ["width", "kept-functions"],
    advice: "its last norm has `readout`",
  },
  {
    fault: "pre-norm layers are declared post-norm",
    architecture: laidOut((layout) => ({
      ...layout,
      stacks: { h: { layers: layout.stacks["h"]!.layers, norm: "post" } },
    })),
    failing: ["depth"],
    advice: 'norm: "pre"',
  },
  {
    fault: "the bias of a fused layer lists its spaces in another order",
    architecture: withParameters((parameter) => [
      parameter.name.endsWith("qkv.bias")
        ? { ...parameter, axes: [{ space: ["key", "query", "value"], role: "out" }] }
        : parameter,
    ]),
    failing: ["kept-functions", "fused-axes", "grown-gradients"],
    advice: "in the order in which they are stored",
  },
  {
    fault: "the tokens are of one number",
    architecture: laidOut((layout) => {
      const { rows: _, ...vocab } = layout.spaces["vocab"]!;
      return { ...layout, spaces: { ...layout.spaces, vocab } };
    }),
    failing: ["new-tokens"],
    advice: "tokenSpace",
  },
  {
    fault: "keys take their size from the heads of queries",
    architecture: laidOut((layout) => ({
      ...layout,
      spaces: { ...layout.spaces, key: { ...layout.spaces["query"]! } },
    })),
    failing: ["kept-functions", "grouped-query", "grown-gradients"],
    advice: "Make it the product of num_key_value_heads",
  },
  {
    fault: "the schema loses keys it does not know",
    architecture: {
      ...toy,
      config: z
        .object({ ...toyKeys, num_key_value_heads: z.number().optional() })
        .transform((config) => ({
          ...config,
          num_key_value_heads: config.num_key_value_heads ?? config.num_attention_heads,
        })),
    },
    failing: ["config", "dropout"],
    advice: "z.looseObject",
  },
  {
    fault: "whatever stands in a layer is dropped",
    architecture: laidOut((layout) => ({ ...layout, drops: [...layout.drops, "^toy\\.h\\."] })),
    failing: ["unknown-tensors"],
    advice: "Make the patterns in `drops` match whole names",
  },
  {
    fault: "the layout counts its calls",
    architecture: laidOut((layout) => {
      counter += 1;
      return counter % 2 === 0 ? { ...layout, parameters: layout.parameters.toReversed() } : layout;
    }),
    failing: ["stable-layout"],
    advice: "pure function of config and class",
  },
  {
    fault: "the outputs are off",
    architecture: modelled((model) => ({
      ...model,
      forward: (p, batch) =>
        Object.fromEntries(
          Object.entries(model.forward(p, batch)).map(([name, output]) => [name, output.mul(1.01)]),
        ),
    })),
    failing: ["forward-onnx", "forward-reference"],
    advice: "layer by layer",
  },
  {
    fault: "an output that grows names no space",
    architecture: modelled((model) => ({
      ...model,
      forward: (p, batch) => ({
        ...model.forward(p, batch),
        gains: asTensor(p.get("toy.norm.weight")),
      }),
    })),
    failing: ["width"],
    advice: "Name it in `outputSpaces`",
  },
  {
    fault: "the loss is a sum, not a mean",
    architecture: modelled((model) => ({
      ...model,
      objectives: Object.fromEntries(
        Object.entries(model.objectives).map(([name, objective]) => [
          name,
          { ...objective, loss: (p, batch) => objective.loss(p, batch).mul<tf.Scalar>(4) },
        ]),
      ),
    })),
    failing: ["gradients-onnx", "gradients-reference", "dropout"],
    advice: "the mean cross-entropy",
  },
  {
    fault: "no gradient reaches a grown position table",
    architecture: modelled((model) => ({
      ...model,
      objectives: Object.fromEntries(
        Object.entries(model.objectives).map(([name, objective]) => [
          name,
          { ...objective, loss: (p, batch) => objective.loss(detached(p), batch) },
        ]),
      ),
    })),
    failing: ["dropout", "operator-gradients"],
    advice: "Let the gradient reach grown parameters",
  },
  {
    fault: "heads of a size the layout takes for granted",
    architecture: laidOut((layout, config) =>
      (config.hidden_size / config.num_attention_heads) % 2 === 0
        ? layout
        : {
            ...layout,
            spaces: {
              ...layout.spaces,
              query: {
                ...layout.spaces["query"]!,
                factors: [
                  { name: "head", size: config.hidden_size / 2 },
                  { name: "channel", size: 2 },
                ],
              },
            },
          },
    ),
    failing: ["kept-functions", "grown-gradients", "random-sizes"],
    advice: "head sizes from width and heads",
  },
  {
    fault: "scores are scaled by the head size, and the layout does not say so",
    architecture: laidOut((layout) => ({
      ...layout,
      spaces: {
        ...layout.spaces,
        query: { ...layout.spaces["query"]!, pairing: { with: "key", scale: 1 } },
      },
    })),
    failing: ["kept-functions", "grown-gradients"],
    advice: "say the scale of scores",
  },
  {
    fault: "query heads are chosen apart from the keys and values they share",
    architecture: laidOut((layout, { num_attention_heads: size }) => {
      const [, , channel] = layout.spaces["query"]!.factors!;
      const factors = [{ name: "head", size }, channel!];
      return {
        ...layout,
        spaces: {
          ...layout.spaces,
          query: { ...layout.spaces["query"]!, factors },
          context: { ...layout.spaces["context"]!, factors },
        },
      };
    }),
    failing: ["kept-functions", "grown-gradients"],
    advice: "Make spaces that share heads or channels products of the same factors",
  },
];

/** Parameters whose grown position table lets no gradient through. */
function detached(p: Parameters): Parameters {
  const stop = tf.customGrad((...inputs) => {
    const [x] = inputs as unknown as [tf.Tensor];
    return { value: x.clone(), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  });
  return {
    has: (name) => p.has(name),
    get(name) {
      const parameter = p.get(name);
      return name === "toy.wpe.weight" && "kind" in parameter
        ? stop(asTensor(parameter))
        : parameter;
    },
  };
}

describe("the kit", () => {
  it("finds nothing wrong with an architecture that is right", async () => {
    const outcomes = await Promise.all(
      checks.map(async ({ name, run }) => [name, await run(toy, toyFixtures)] as const),
    );
    for (const [name, outcome] of outcomes) expect(outcome, name).toEqual({ problems: [] });
  });

  it.each(broken)("see that $fault", async ({ architecture, fixtures, failing, advice }) => {
    const failed = await failures(architecture, fixtures);
    expect(Object.keys(failed)).toEqual(failing);
    expect(formatProblems(Object.values(failed).flat(), 100)).toContain(advice);
  });

  it("is not content with fixtures that hold nothing", async () => {
    const empty = { sizes: {}, configs: {}, cases: [], headers: [] };
    const failed = await failures(toy, { ...toyFixtures, headers: empty, checkpoints: [] });
    // random sizes need no fixtures, and without variants of names there is nothing to read
    expect(Object.keys(failed)).toEqual(
      checks.map(({ name }) => name).filter((name) => name !== "random-sizes"),
    );
    expect(formatProblems(failed["coverage"] ?? [])).toContain(
      "tooling/fixtures/record-headers.py",
    );
    expect(formatProblems(failed["width"] ?? [])).toContain(
      "tooling/fixtures/record-checkpoint.py",
    );
  });

  it("breaks every check at least once", () => {
    const seen = new Set(broken.flatMap(({ failing }) => failing));
    expect(checks.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });
});

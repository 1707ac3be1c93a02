import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readInheritedHead } from "./card-head.js";
import { modelCard, type CardFacts } from "./model-card.js";

const facts: CardFacts = {
  name: "bert-large",
  modelType: "bert",
  className: "BertForMaskedLM",
  growth: {
    method: "ligo",
    source: {
      path: "/home/somebody/.cache/snapshots/0",
      hub: {
        name: "google-bert/bert-base-uncased",
        commit: "86b5e0934494bd15c9632b12f734a8a67f723594",
      },
    },
    parameters: { source: 109_514_298, target: 335_174_458 },
    sizes: { hidden_size: [768, 1024], num_hidden_layers: [12, 24] },
    keeps_function: false,
    reasons: ["the operator was learned"],
    losses: { small: 1.5, start: 2.25, grown: 1.75 },
    settings: {
      data: ["hf://datasets/org/texts@main/*.txt", "/home/somebody/more.txt"],
      steps: 100,
    },
  },
  inherited: { license: "apache-2.0", language: ["en"], datasets: ["bookcorpus", "org/texts"] },
};

const headOf = (card: string): unknown => parse(card.split("---\n")[1] ?? "");

describe("a model card", () => {
  it("has a head that the hub reads", async () => {
    expect(headOf(await modelCard(facts))).toEqual({
      base_model: "google-bert/bert-base-uncased",
      library_name: "transformers",
      pipeline_tag: "fill-mask",
      tags: ["ligo", "model-growth", "bert"],
      license: "apache-2.0",
      language: ["en"],
      datasets: ["bookcorpus", "org/texts"],
    });
  });

  it("says where the model is from, how it was made and how good it is", async () => {
    expect((await modelCard(facts)).replace(/^---.*?---\n/su, "")).toMatchInlineSnapshot(`
      "
      # bert-large

      \`BertForMaskedLM\`, grown from [google-bert/bert-base-uncased](https://huggingface.co/google-bert/bert-base-uncased) at \`86b5e0934494\` with [LiGO for TypeScript](https://github.com/ligo-ts/ligo).

      |  | source | grown |
      | --- | --- | --- |
      | parameters | 109,514,298 | 335,174,458 |
      | \`hidden_size\` | 768 | 1024 |
      | \`num_hidden_layers\` | 12 | 24 |

      ## Method

      \`ligo\`: Learns how units mix and how layers mix (LiGO, Wang et al., 2023, arXiv:2303.00980). Learned for 100 steps. Data: [org/texts](https://huggingface.co/datasets/org/texts), \`more.txt\`. The function of the source is not kept: the operator was learned. All settings, hashes of the inputs and the origin of every tensor are in \`ligo.json\`.

      ## Losses

      | model | held-out loss |
      | --- | --- |
      | source | 1.5000 |
      | grown, before learning | 2.2500 |
      | grown | 1.7500 |

      ## Loading

      \`\`\`python
      from transformers import BertForMaskedLM

      model = BertForMaskedLM.from_pretrained("bert-large")
      \`\`\`

      "
    `);
  });

  it("tells of the training since", async () => {
    const training = { objective: "masked-lm", steps: 1000, heldOutLoss: 1.25, data: ["a/b.txt"] };
    const card = await modelCard({ ...facts, training });
    expect(card).toContain("1,000 steps of masked-lm on `b.txt`.");
    expect(card).toContain("| trained on | 1.2500 |");
    expect(card).toContain("then trained on.");
  });

  it("names no folder of the machine, and no model that the hub does not have", async () => {
    const { hub: _, ...source } = facts.growth.source;
    const settings = { data: [], steps: 100 };
    const local = { ...facts, growth: { ...facts.growth, source, settings }, inherited: {} };
    const card = await modelCard(local);
    expect(card).not.toContain("somebody");
    expect(headOf(card)).not.toHaveProperty("base_model");
    expect(headOf(card)).not.toHaveProperty("license");
    expect(card).not.toMatch(/Data:|Learned for/u);
  });

  it("holds texts of others as text", async () => {
    const reasons = ["](javascript:x) | <script>\n# title"];
    const card = await modelCard({
      ...facts,
      name: "a`b|[c",
      growth: { ...facts.growth, reasons },
    });
    expect(card).toContain("# a\\`b\\|\\[c");
    expect(card).not.toMatch(/^# title/mu);
    expect(card).not.toContain("<script>");
  });

  it("names the library that loads the model", async () => {
    const library = async (modelType: string, className: string): Promise<unknown> =>
      headOf(await modelCard({ ...facts, modelType, className }));
    expect(await library("cait", "CaitForImageClassification")).toMatchObject({
      library_name: "timm",
      pipeline_tag: "image-classification",
    });
    expect(await library("residual-mlp", "ResidualMlp")).toMatchObject({ library_name: "ligo" });
    expect(await library("deit", "DeiTForImageClassificationWithTeacher")).toMatchObject({
      pipeline_tag: "image-classification",
    });
  });
});

describe("the head of a source's card", () => {
  it.each([
    ["---\nlicense: mit\nlanguage: en\ntags: [x]\n---\n# a", { license: "mit", language: ["en"] }],
    ["---\r\ndatasets:\r\n- a\r\n- b\r\n---\r\n", { datasets: ["a", "b"] }],
    ["---\nlicense: [a]\ndatasets: {a: 1}\nlanguage: [en, fr]\n---", { language: ["en", "fr"] }],
    ["# no head\n---\nlicense: mit\n---\n", {}],
    ["---\n: [\n---\n", {}],
    ["---\na: &a [x]\nlanguage: *a\n---\n", {}],
    ["---\njust a text\n---\n", {}],
    ["", {}],
  ])("%j gives %j", async (card, head) => {
    expect(JSON.parse(JSON.stringify(await readInheritedHead(card)))).toEqual(head);
  });
});

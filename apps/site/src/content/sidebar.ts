/** Pages in the order of the side bar. A test holds that no page of docs/ is missing. */
interface Item {
  readonly text: string;
  readonly link: string;
}

const items = (folder: string, pages: Readonly<Record<string, string>>): Item[] =>
  Object.entries(pages).map(([page, text]) => ({ text, link: `/${folder}/${page}` }));

export const GUIDE: Item[] = [
  ...items("guide", {
    start: "Start",
    installing: "Installing",
    choosing: "Choosing a method",
    data: "Data",
    growing: "Growing",
    "training-on": "Training on",
    training: "Training schemes",
    "fine-tuning": "Fine-tuning",
    comparing: "Comparing methods",
    judging: "Judging a grown model",
    "larger-vocabulary": "Larger vocabulary",
    watching: "Watching a run",
    board: "The board",
    gpus: "GPUs",
    engines: "Engines",
    scale: "Many GPUs",
    sharing: "Sharing a model",
    troubleshooting: "Troubleshooting",
    faq: "FAQ",
    glossary: "Glossary",
  }),
  { text: "Planner", link: "/planner" },
];

export const REFERENCE: Item[] = items("reference", {
  commands: "Commands",
  settings: "Settings",
  methods: "Growing methods",
  files: "Files",
  errors: "Errors",
});

export const RESEARCH: Item[] = items("research", {
  results: "Results",
  "operator-recipe": "How the defaults were chosen",
  growth: "Growth",
  architectures: "All architectures",
  performance: "Speed and memory",
  "performance-cpu": "The race on the CPU",
  scale: "Larger machines",
  parity: "Parity with transformers",
  "training-parity": "Training beside PyTorch",
  tokenizers: "Tokenizers",
  engines: "Engines",
  webgpu: "WebGPU devices",
  "half-precision": "Half precision",
  reliability: "Reliability",
  "newcomer-walk": "A newcomer's walk",
});

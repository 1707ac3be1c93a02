import type { ArchitectureResult } from "./run-architecture.js";

/** The page that `npm run architectures` writes, from the results of all architectures. */
export function architecturesPage(results: readonly ArchitectureResult[], command: string): string {
  const rows = results.map((result) => {
    const { losses, small, large } = result;
    const loss = (value: number): string => value.toFixed(3);
    const better = (value: number, than: number): string =>
      value < than ? `**${loss(value)}**` : loss(value);
    return [
      `\`${result.class}\``,
      result.objective,
      `${millions(small.parameters)} → ${millions(large.parameters)}`,
      loss(losses.small),
      better(losses.stack, losses.ligo),
      loss(losses.start),
      better(losses.ligo, losses.stack),
    ];
  });
  const machines = [
    ...new Set(results.map(({ machine, versions }) => `${machine}, Node ${versions["node"]}`)),
  ];
  const steps = results.map(
    ({ architecture, data, growth_steps, judged_by, small, stacked }) =>
      `- \`${architecture}\`: ${small.steps} steps from scratch on ${data.join(", ")}, then ${growth_steps} steps of LiGO; ` +
      `judged by ${judged_by}. Stacking: ${stacked.verdict}${stacked.reasons.length === 0 ? "" : ` (${stacked.reasons.join("; ")})`}.`,
  );
  const worse = results
    .filter(({ losses }) => losses.ligo >= losses.stack)
    .map(({ architecture }) => `\`${architecture}\``);
  return [
    "# Growing all architectures\n",
    "For every architecture: a small model trained from scratch on real data, grown in width and in depth by stacking " +
      "(copies of layers and units) and by LiGO (an operator learned on the same data). All losses are on the same " +
      'held-out data; "start" is the grown model before the operator has learned anything. The grown models have not ' +
      "been trained: that comes after. The models are small and the runs short, to show that growing works everywhere, " +
      "not how good it can get.\n",
    markdownTable(
      ["class", "objective", "parameters", "small", "by stacking", "LiGO, start", "LiGO, learned"],
      rows,
    ),
    ...(worse.length === 0
      ? []
      : [`LiGO did not get below stacking for ${worse.join(", ")} in so few steps.\n`]),
    `${steps.join("\n")}\n`,
    `Measured on: ${machines.join("; ")}. Raw results are in \`apps/bench/results/architectures\`. The table is made by\n`,
    `\`\`\`sh\n${command}\n\`\`\`\n`,
  ].join("\n");
}

const millions = (count: number): string => `${(count / 1e6).toFixed(2)} M`;

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("");
}

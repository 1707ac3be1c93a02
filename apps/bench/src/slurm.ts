/** Flags of a bench, as they were given. */
type GivenFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Flags that tell one job from another. */
const OF_A_JOB: ReadonlySet<string> = new Set(["slurm", "shard", "sources", "report", "resume"]);

const quoted = (text: string): string =>
  /^[\w./~+:,-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A shell script that hands a bench to Slurm: one job that trains the sources, then an array of `jobs` that run the cells, then
 * one that gathers the report. Run it in the root of the repository, on a folder that all machines see. A job that is
 * requeued goes on where it was.
 */
export function slurmScript(experiment: string, flags: GivenFlags, jobs: number): string {
  const words = Object.entries(flags)
    .filter(([name, value]) => !OF_A_JOB.has(name) && value !== undefined && value !== false)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
        one === true ? [`--${name}`] : [`--${name}`, quoted(String(one))],
      ),
    );
  const bench = `npm run --silent bench -w apps/bench -- ${[experiment, ...words].join(" ")} --resume`;
  return `#!/bin/bash
# ${experiment} as Slurm jobs: bash <this file>. Options for sbatch: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT, ...
set -euo pipefail
common=(--parsable --requeue --open-mode=append --cpus-per-task="\${LIGO_CPUS:-4}" --output="ligo-${experiment}-%x-%j.log")

sources=$(sbatch "\${common[@]}" --job-name=ligo-sources --wrap ${shellWord(`${bench} --sources`)})
cells=$(sbatch "\${common[@]}" --job-name=ligo-cells --dependency="afterok:$sources" --array=1-${jobs} \\
  --wrap ${shellWord(`${bench} --shard "$SLURM_ARRAY_TASK_ID/${jobs}"`)})
sbatch "\${common[@]}" --job-name=ligo-report --dependency="afterany:$cells" \\
  --wrap ${shellWord(`${bench} --report`)}
`;
}

/** A word that the shell takes as it is. */
const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

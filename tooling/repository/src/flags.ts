import ts from "typescript";

/** An option as a command line spells it; custom properties of CSS, `var(--ink)` and `--ink:`, are none. */
const FLAG = /(?<=^|[\s(`"'])(?<!var\()--[a-z][a-z-]+(?![a-z:-])/g;

/** Flags of other programs, in commands that our messages tell users to run, or that we run: of npm, `hf`, docker, `nvidia-smi`. */
const OTHER_PROGRAMS: ReadonlySet<string> = new Set([
  "--ignore-scripts",
  "--revision",
  "--exclude",
  "--local-dir",
  "--gpus",
  "--device",
  "--query-gpu",
  "--format",
]);

/** Flags in the strings and templates of one file, each with its line: `a.ts:3 says --lr`. Comments are not read. */
export function flagsIn(file: string, code: string): readonly string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ESNext);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      const flags = [...node.text.matchAll(FLAG)].map(([flag]) => flag);
      const ours = flags.filter((flag) => !OTHER_PROGRAMS.has(flag));
      found.push(...ours.map((flag) => `${file}:${line + 1} says ${flag}`));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

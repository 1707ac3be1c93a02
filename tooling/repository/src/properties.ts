import ts from "typescript";

const RUNNERS: ReadonlySet<string> = new Set(["assert", "check"]);

/**
 * Properties of fast-check that one file runs without a seed, each with its line: `a.test.ts:3`. They draw other values every
 * time, and what one run finds the next may not.
 */
export function unseededProperties(file: string, code: string): readonly string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ESNext);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isRun(node.expression) && !isSeeded(node.arguments[1])) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push(`${file}:${line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isRun = (called: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(called) &&
  ts.isIdentifier(called.expression) &&
  called.expression.text === "fc" &&
  RUNNERS.has(called.name.text);

const isSeeded = (options: ts.Expression | undefined): boolean =>
  options !== undefined &&
  ts.isObjectLiteralExpression(options) &&
  options.properties.some(
    ({ name }) => name !== undefined && ts.isIdentifier(name) && name.text === "seed",
  );

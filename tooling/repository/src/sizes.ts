import ts from "typescript";

const FILE_LINES = 400;
const FUNCTION_LINES = 80;

/** What is too long in one file, in words; empty where nothing is. */
export function oversized(file: string, code: string): readonly string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ESNext, true);
  const complaints: string[] = [];
  const lines = code.replace(/\n$/, "").split("\n").length;
  if (lines > FILE_LINES) complaints.push(`${file} has ${lines} lines, over ${FILE_LINES}`);

  const visit = (node: ts.Node): void => {
    if (isFunction(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.end).line;
      const length = last - first + 1;
      if (length > FUNCTION_LINES && !hasReason(node, source)) {
        complaints.push(
          `${file}:${first + 1} ${nameOf(node)} has ${length} lines, over ${FUNCTION_LINES}, ` +
            'and no comment above it says "Long because ..."',
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return complaints;
}

type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.AccessorDeclaration;

function isFunction(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isAccessor(node)
  );
}

/** Whether a comment directly above a function, or above the statement or member it is the value of, gives a reason. */
function hasReason(node: FunctionNode, source: ts.SourceFile): boolean {
  for (let above: ts.Node = node; !ts.isSourceFile(above); above = above.parent) {
    const comments = ts.getLeadingCommentRanges(source.text, above.getFullStart()) ?? [];
    const text = comments.map(({ pos, end }) => source.text.slice(pos, end)).join("\n");
    if (/Long because[\s*/]+\w/.test(text)) return true;
    if (ts.isStatement(above) || ts.isClassElement(above)) return false;
    if (ts.isPropertyAssignment(above) || ts.isMethodDeclaration(above)) return false;
  }
  return false;
}

function nameOf(node: FunctionNode): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  if (named !== undefined) return named.getText();
  return ts.isConstructorDeclaration(node) ? "constructor" : "a function";
}

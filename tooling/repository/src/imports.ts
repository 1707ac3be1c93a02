import ts from "typescript";

/** One `import`, `export ... from` or `import()` of a file. */
export interface Import {
  readonly specifier: string;
  /** `type` leaves no trace at run time, `dynamic` is loaded when its line runs. */
  readonly kind: "static" | "type" | "dynamic";
  readonly line: number;
}

/** The modules a TypeScript file names in import statements. Computed `import(name)` are not seen. */
export function parseImports(code: string): readonly Import[] {
  const file = ts.createSourceFile("file.ts", code, ts.ScriptTarget.ESNext);
  const imports: Import[] = [];

  const add = (specifier: ts.Node | undefined, kind: Import["kind"]): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { line } = file.getLineAndCharacterOfPosition(specifier.getStart(file));
    imports.push({ specifier: specifier.text, kind, line: line + 1 });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node.moduleSpecifier, typeOnly ? "type" : "static");
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly ? "type" : "static");
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], "dynamic");
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, "type");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return imports;
}

/** Package of a bare specifier: `@ligo/core/x` is of `@ligo/core`. */
export function packageOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

import ts from "typescript";

/** An error as the sources have it. */
export interface ErrorCode {
  readonly code: string;
  /** Names of the classes it is thrown as. */
  readonly classes: readonly string[];
  /** Messages, with `<name>` for what is filled in. */
  readonly messages: readonly string[];
  /** Files that spell the code. */
  readonly files: readonly string[];
}

const CODE =
  /^(?:board|checkpoint|cli|compare|config|data|engine|hub|images|layout|method|operator|output|plan|report|run|sdk|settings|training)\/[a-z0-9-]+$/u;

/** A source that spells no code need not be parsed. */
const SPELLED = /"[a-z]+\/[a-z0-9-]+"/u;

/** A string expression in words, as far as it is known without running it. */
function wordsOf(node: ts.Expression, file: ts.SourceFile): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(
      ({ expression, literal }) => `${filled(expression, file)}${literal.text}`,
    );
    return `${node.head.text}${spans.join("")}`;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const sides = [node.left, node.right].map((side) => wordsOf(side, file));
    return sides.every((side) => side === undefined)
      ? undefined
      : sides.map((side) => side ?? "…").join("");
  }
  return undefined;
}

/** What stands for a value in a message: its name where it has a plain one. */
function filled(node: ts.Expression, file: ts.SourceFile): string {
  const words = wordsOf(node, file);
  if (words !== undefined) return words;
  const text = node.getText(file);
  return /^[a-zA-Z.]{1,24}$/u.test(text) ? `<${text.split(".").at(-1)}>` : "…";
}

/** Sentences among the values beside a code. Shorter ones are names. */
const isMessage = (text: string | undefined): text is string =>
  text !== undefined && text.length > 12 && text.includes(" ");

/** The message beside a code: the next argument of a call, or the property `message` of an object. */
function messageBeside(literal: ts.Node, file: ts.SourceFile): string | undefined {
  const { parent } = literal;
  if (ts.isNewExpression(parent) || ts.isCallExpression(parent)) {
    const rest: readonly ts.Expression[] = parent.arguments ?? [];
    const place = rest.findIndex((one) => one === literal);
    return rest
      .slice(place + 1)
      .map((one) => wordsOf(one, file))
      .find(isMessage);
  }
  if (!ts.isPropertyAssignment(parent)) return undefined;
  const message = parent.parent.properties.find(
    (one) => ts.isPropertyAssignment(one) && one.name.getText(file) === "message",
  );
  if (message === undefined || !ts.isPropertyAssignment(message)) return undefined;
  return wordsOf(message.initializer, file);
}

function classOf({ parent }: ts.Node, file: ts.SourceFile): string | undefined {
  const name = ts.isNewExpression(parent) ? parent.expression.getText(file) : "";
  return name.endsWith("Error") ? name : undefined;
}

/** Every error code of some sources, by path, sorted. */
export function errorCodes(sources: ReadonlyMap<string, string>): readonly ErrorCode[] {
  const codes = new Map<string, Record<"classes" | "messages" | "files", Set<string>>>();
  for (const [path, text] of sources) {
    if (!SPELLED.test(text)) continue;
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      ts.forEachChild(node, visit);
      if (!ts.isStringLiteral(node) || !CODE.test(node.text)) return;
      const sets = codes.get(node.text) ?? {
        classes: new Set(),
        messages: new Set(),
        files: new Set(),
      };
      codes.set(node.text, sets);
      sets.files.add(path);
      const [name, message] = [classOf(node, file), messageBeside(node, file)];
      if (name !== undefined) sets.classes.add(name);
      if (message !== undefined) sets.messages.add(message.replaceAll(/\s+/gu, " ").trim());
    };
    visit(file);
  }
  return [...codes]
    .map(([code, { classes, files, messages }]) => ({
      code,
      classes: [...classes].toSorted(),
      messages: [...messages],
      files: [...files].toSorted(),
    }))
    .toSorted((one, other) => (one.code < other.code ? -1 : 1));
}

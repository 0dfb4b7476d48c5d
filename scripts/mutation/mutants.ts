// Finds the mutants of a source file: every place where one check can be taken away by changing a few characters.
import { parseAst } from 'vitest/node';

/** One change to one file. */
export interface Mutant {
  /** Path below the project, with slashes. */
  readonly file: string;
  readonly line: number;
  /** The line of the source on which it begins, trimmed. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The text that is replaced, on one line. */
  readonly original: string;
  /** What it comes to, for the reader: `false`, `removed`, `a <= b`. */
  readonly becomes: string;
  /** The text that takes its place. */
  readonly replacement: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

type Change = Pick<Mutant, 'start' | 'end' | 'becomes' | 'replacement'>;

const BOUNDARIES: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** Functions that throw: a branch that calls one is the refusal, the other branch is what a check guards. */
const REFUSES = /^(?:refuse|invalid|malformed|fail|unresolved|wrongType|unexpected|expired)/;

/** Methods that answer yes or no. */
const ASKS: readonly string[] = ['every', 'has', 'includes', 'some', 'test'];

/** Calls that put together a result; without them it is the result that is wrong, not a check that is missing. */
const BUILDS: readonly string[] = ['push', 'set', 'setMember'];

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const program = parseAst(source, { lang: 'ts' }, file) as unknown as Node;
  const lines = source.split('\n');
  return [...changes(program, source)]
    .map((change) => {
      const line = source.slice(0, change.start).split('\n').length;
      const text = (lines[line - 1] as string).trim();
      return { ...change, file, line, text, original: oneLine(source.slice(change.start, change.end)) };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

function* changes(node: Node, source: string, covered?: Node): Generator<Change> {
  switch (node.type) {
    case 'IfStatement':
      yield* changesOfIf(node, source);
      break;
    case 'ConditionalExpression':
      yield* changesOfTernary(node, source);
      break;
    case 'LogicalExpression':
      yield* changesOfLogical(node, source);
      break;
    case 'BinaryExpression':
      yield* changesOfComparison(node, source);
      break;
    case 'ReturnStatement':
      yield* changesOfAnswer(child(node, 'argument'), source);
      break;
    case 'ArrowFunctionExpression':
      yield* changesOfAnswer(child(node, 'body'), source);
      break;
    case 'ExpressionStatement':
      if (isCheck(node) && node !== covered) yield { ...replace(node, ';'), becomes: 'removed' };
      break;
  }
  const known = node.type === 'BlockStatement' ? covered : onlyStatement(node);
  for (const next of children(node)) yield* changes(next, source, known);
}

/** `if (cond) refuse()` must not be skipped; `if (cond) return` before a refusal must not be taken every time. */
function* changesOfIf(node: Node, source: string): Generator<Change> {
  const test = child(node, 'test') as Node;
  yield settle(test, false, source);
  const last = lastStatement(child(node, 'consequent') as Node);
  const leaves = last?.type === 'ReturnStatement' || last?.type === 'ContinueStatement';
  if (leaves && !refuses(child(last, 'argument'))) yield settle(test, true, source);
}

/** A ternary without a refusal in it chooses between two values: it is settled either way. */
function* changesOfTernary(node: Node, source: string): Generator<Change> {
  const test = child(node, 'test') as Node;
  if (!refuses(child(node, 'consequent'))) yield settle(test, true, source);
  if (!refuses(child(node, 'alternate'))) yield settle(test, false, source);
}

/** Each operand of a chain on its own: `false` says nothing in `||`, `true` says nothing in `&&`. */
function* changesOfLogical(node: Node, source: string): Generator<Change> {
  const [left, right] = [child(node, 'left') as Node, child(node, 'right') as Node];
  if (node.operator === '??') {
    if (refuses(right)) yield replace(node, source.slice(left.start, left.end));
    return;
  }
  const neutral = node.operator === '&&';
  const continues = left.type === 'LogicalExpression' && left.operator === node.operator;
  if (!continues) yield settle(left, neutral, source);
  yield settle(right, neutral, source);
}

/** The boundary of a comparison, and `=== true` where anything truthy must not do. */
function* changesOfComparison(node: Node, source: string): Generator<Change> {
  const [left, right] = [child(node, 'left') as Node, child(node, 'right') as Node];
  const operator = node.operator as string;
  const moved = BOUNDARIES[operator];
  const [a, b] = [source.slice(left.start, left.end), source.slice(right.start, right.end)];
  if (moved !== undefined) yield replace(node, `${a} ${moved} ${b}`);
  else if (right.value === true) yield replace(node, operator === '===' ? `!!(${a})` : `!(${a})`);
}

/** What a predicate answers with: `false`, or a question to a collection or a pattern. */
function* changesOfAnswer(answer: Node | undefined, source: string): Generator<Change> {
  if (answer?.value === false) yield replace(answer, 'true');
  if (answer !== undefined && ASKS.includes(calledName(answer) ?? '')) yield settle(answer, true, source);
}

/** A condition with a settled outcome. It is still evaluated, so that only the outcome is what a test can notice. */
function settle(test: Node, outcome: boolean, source: string): Change {
  const text = source.slice(test.start, test.end);
  return { ...replace(test, `((${text}), ${outcome})`), becomes: `${outcome}` };
}

const replace = (node: Node, replacement: string): Change => ({
  start: node.start,
  end: node.end,
  becomes: oneLine(replacement),
  replacement,
});

/** A call whose result nobody uses is made for what it refuses, or for what it records. */
function isCheck(statement: Node): boolean {
  const name = calledName(child(statement, 'expression'));
  return name !== undefined && !BUILDS.includes(name);
}

/** The one statement under an `if` without `else`: its removal is the same mutant as the condition never met. */
function onlyStatement({ type, consequent, alternate }: Node): Node | undefined {
  if (type !== 'IfStatement' || alternate !== null || !isNode(consequent)) return undefined;
  if (consequent.type !== 'BlockStatement') return consequent;
  const body = consequent.body as Node[];
  return body.length === 1 ? body[0] : undefined;
}

const refuses = (node: Node | undefined): boolean => REFUSES.test(calledName(node) ?? '');

/** The name of the function or method that an expression calls, awaited or not. */
function calledName(expression: Node | undefined): string | undefined {
  if (expression?.type === 'AwaitExpression') return calledName(child(expression, 'argument'));
  if (expression?.type !== 'CallExpression') return undefined;
  const callee = child(expression, 'callee');
  const name = callee?.type === 'MemberExpression' ? child(callee, 'property')?.name : callee?.name;
  return typeof name === 'string' ? name : undefined;
}

function lastStatement(statement: Node): Node | undefined {
  return statement.type === 'BlockStatement' ? (statement.body as Node[]).at(-1) : statement;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

function child(node: Node, member: string): Node | undefined {
  const value = node[member];
  return isNode(value) ? value : undefined;
}

const children = (node: Node): Node[] => Object.values(node).flat().filter(isNode);

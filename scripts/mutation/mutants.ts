// Finds the mutants of a source file: every place where changing a few characters removes one check.
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
  /** The result, for the reader: `false`, `removed`, `a <= b`. */
  readonly becomes: string;
  readonly change: Change;
}

/** The change to the expression from `start` to `end`. */
export type Change =
  /** A condition with a fixed outcome. It is still evaluated, so that a test can notice only the outcome. */
  | { readonly kind: 'settle'; readonly outcome: boolean }
  /** A comparison with another operator, at `from` to `to`. */
  | { readonly kind: 'compare'; readonly operator: string; readonly from: number; readonly to: number }
  /** A comparison with `true`, from `from` to the end, that accepts anything truthy. */
  | { readonly kind: 'truthy'; readonly operator: string; readonly from: number }
  /** The right side of `??`, or a call whose result nobody uses, is not evaluated. */
  | { readonly kind: 'skip' };

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

type Place = Pick<Mutant, 'start' | 'end' | 'becomes' | 'change'> & {
  /** The start of the displayed text, if it is not `start`. */
  readonly shown?: Pick<Mutant, 'start' | 'end'>;
};

const BOUNDARIES: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** Functions that throw: a branch that calls one is the rejection, the other branch is what a check guards. */
const REFUSES = /^(?:refuse|invalid|malformed|fail|unresolved|wrongType|unexpected|expired)/;

/** Methods that return a boolean. */
const ASKS: readonly string[] = ['every', 'has', 'includes', 'some', 'test'];

/** Calls that build a result; without them, the result is wrong, but no check is missing. */
const BUILDS: readonly string[] = ['push', 'set', 'setMember'];

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const program = parseAst(source, { lang: 'ts' }, file) as unknown as Node;
  const lines = source.split('\n');
  return [...places(program, source)]
    .map(({ shown, ...place }) => {
      const { start, end } = shown ?? place;
      const line = source.slice(0, start).split('\n').length;
      const text = (lines[line - 1] as string).trim();
      return { ...place, file, line, text, original: oneLine(source.slice(start, end)), shown: start };
    })
    .sort((a, b) => a.shown - b.shown || a.end - b.end)
    .map(({ shown: _, ...mutant }) => mutant);
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

function* places(node: Node, source: string, covered?: Node): Generator<Place> {
  switch (node.type) {
    case 'IfStatement':
      yield* placesOfIf(node);
      break;
    case 'ConditionalExpression':
      yield* placesOfTernary(node);
      break;
    case 'LogicalExpression':
      yield* placesOfLogical(node, source);
      break;
    case 'BinaryExpression':
      yield* placesOfComparison(node, source);
      break;
    case 'ReturnStatement':
      yield* placesOfAnswer(child(node, 'argument'));
      break;
    case 'ArrowFunctionExpression':
      yield* placesOfAnswer(child(node, 'body'));
      break;
    case 'ExpressionStatement':
      if (isCheck(node) && node !== covered) yield removed(node);
      break;
  }
  const known = node.type === 'BlockStatement' ? covered : onlyStatement(node);
  for (const next of children(node)) yield* places(next, source, known);
}

/** `if (cond) refuse()` must not be skipped; `if (cond) return` before a rejection must not always be taken. */
function* placesOfIf(node: Node): Generator<Place> {
  const test = child(node, 'test') as Node;
  yield settle(test, false);
  const last = lastStatement(child(node, 'consequent') as Node);
  const leaves = last?.type === 'ReturnStatement' || last?.type === 'ContinueStatement';
  if (leaves && !refuses(child(last, 'argument'))) yield settle(test, true);
}

/** A ternary without a rejection chooses between two values: it is fixed to each of them. */
function* placesOfTernary(node: Node): Generator<Place> {
  const test = child(node, 'test') as Node;
  if (!refuses(child(node, 'consequent'))) yield settle(test, true);
  if (!refuses(child(node, 'alternate'))) yield settle(test, false);
}

/** Each operand of a chain separately: `false` has no effect in `||`, `true` has none in `&&`. */
function* placesOfLogical(node: Node, source: string): Generator<Place> {
  const [left, right] = [child(node, 'left') as Node, child(node, 'right') as Node];
  if (node.operator === '??') {
    if (refuses(right)) {
      const becomes = oneLine(source.slice(left.start, left.end));
      yield { ...range(right), becomes, change: { kind: 'skip' }, shown: range(node) };
    }
    return;
  }
  const neutral = node.operator === '&&';
  const continues = left.type === 'LogicalExpression' && left.operator === node.operator;
  if (!continues) yield settle(left, neutral);
  yield settle(right, neutral);
}

/** The boundary of a comparison, and `=== true` where a truthy value must not be enough. */
function* placesOfComparison(node: Node, source: string): Generator<Place> {
  const [left, right] = [child(node, 'left') as Node, child(node, 'right') as Node];
  const operator = node.operator as string;
  const moved = BOUNDARIES[operator];
  const [a, b] = [source.slice(left.start, left.end), source.slice(right.start, right.end)];
  if (moved !== undefined) {
    // Between the operands there may be parentheses beside the operator: `(a + b) < (c)`.
    const from = left.end + source.slice(left.end, right.start).indexOf(operator);
    const change = { kind: 'compare', operator, from, to: from + operator.length } as const;
    yield { ...range(node), becomes: oneLine(`${a} ${moved} ${b}`), change };
  } else if (right.value === true) {
    const becomes = operator === '===' ? `!!(${a})` : `!(${a})`;
    const from = left.end + source.slice(left.end, right.start).indexOf(operator);
    yield { ...range(node), becomes: oneLine(becomes), change: { kind: 'truthy', operator, from } };
  }
}

/** The return value of a predicate: `false`, or a lookup in a collection or a pattern. */
function* placesOfAnswer(answer: Node | undefined): Generator<Place> {
  if (answer === undefined) return;
  if (answer.value === false || ASKS.includes(calledName(answer) ?? '')) yield settle(answer, true);
}

const range = ({ start, end }: Node) => ({ start, end });

const settle = (test: Node, outcome: boolean): Place => ({
  ...range(test),
  becomes: `${outcome}`,
  change: { kind: 'settle', outcome },
});

const removed = (statement: Node): Place => ({
  ...range(child(statement, 'expression') as Node),
  becomes: 'removed',
  change: { kind: 'skip' },
  shown: range(statement),
});

/** A call with an unused result serves to reject or to record something. */
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

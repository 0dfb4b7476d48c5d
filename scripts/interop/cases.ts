import { isDeepStrictEqual } from 'node:util';

/** The outcome of one point with one program. `failure` says what is wrong; if absent, the point passes. */
export interface Outcome {
  readonly group: string;
  readonly id: string;
  readonly failure?: string | undefined;
}

export type Answer = Record<string, unknown>;

/** A request to a program, and the expected answer. */
export interface Case {
  readonly request: object;
  readonly judge: (answer: Answer) => Outcome[] | Promise<Outcome[]>;
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
};

export function compare(group: string, id: string, actual: unknown, expected: unknown): Outcome {
  if (isDeepStrictEqual(actual, expected)) return { group, id };
  return { group, id, failure: `got ${show(actual)} instead of ${show(expected)}` };
}

/** A mandate that must be accepted, with this processed payload and this identity. */
export function accepted(
  group: string,
  id: string,
  request: { mandate: string; keys: object; policy: string },
  payload: object,
  mandateId: string | null,
): Case {
  return {
    request: { op: 'verify', ...request },
    judge: (answer) => [compare(group, id, answer, { valid: true, payload, mandateId })],
  };
}

/** A mandate that must be rejected with exactly this code. */
export function refused(
  group: string,
  id: string,
  request: { mandate: string; keys: object; policy: string },
  code: string,
): Case {
  return {
    request: { op: 'verify', ...request },
    judge: (answer) => [compare(group, id, answer, { valid: false, code })],
  };
}

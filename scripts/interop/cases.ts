import { isDeepStrictEqual } from 'node:util';

/** What one program made of one point. `failure` says what is wrong; without it the point holds. */
export interface Outcome {
  readonly group: string;
  readonly id: string;
  readonly failure?: string | undefined;
}

export type Answer = Record<string, unknown>;

/** A request to a program, and what its answer must show. */
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

/** A mandate that must be refused, for the rule that this code stands for and no other. */
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

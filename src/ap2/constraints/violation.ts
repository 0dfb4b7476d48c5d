import { MandateError } from '../../errors.js';
import { aListOf, aString, type Check, oneOf, readResult, required } from '../../options.js';
import type { CheckoutConstraint, PaymentConstraint } from '../model/constraints.js';

/** The violated rule: the `type` of a constraint, or another rule of AP2. */
export type ConstraintRule =
  | PaymentConstraint['type']
  | CheckoutConstraint['type']
  /** A claim of the open mandate is unchanged in the closed one (agent_authorization.md "Verification…", step 2). */
  | 'pre-set claim'
  /** The closed payment mandate refers to the checkout of the caller. */
  | 'transaction_id'
  /** The closed checkout mandate refers to the evaluated checkout. */
  | 'checkout_hash'
  /** The checkout can be completed, and the payment matches it (SPEC.md §10.6). */
  | 'checkout'
  /** The mandate was not used before, or may be used again (SPEC.md §10.6). */
  | 'history'
  /** AP2 v0.2 defines every member of a constraint. */
  | 'constraint-members'
  /** The user delegated the checkout and its payment to the same agent (SPEC.md §10.10). */
  | 'agent'
  /** A mandate is valid at the evaluated time. Only used before signing: a verifier throws jose's error instead. */
  | 'lifetime';

/** One violation of an open mandate by a closed one. It contains amounts, currencies, dates and counts, but no other values. */
export interface ConstraintViolation {
  /** The violated rule. */
  readonly rule: ConstraintRule;
  /** The path of the demand, such as `open.constraints[1].max`. */
  readonly path: string;
  /** What was demanded. */
  readonly expected: string;
  /** What was found. */
  readonly found: string;
  /**
   * The code for the receipt (AP2 v0.2, agent_authorization.md "Errors"): `unresolved_constraint` if the constraint could not
   * be evaluated, `invalid_mandate` if it is violated.
   */
  readonly error: 'invalid_mandate' | 'unresolved_constraint';
}

/** A finding of the evaluation of one constraint; `member` is the path below the constraint. */
export interface Finding {
  readonly member: string;
  readonly expected: string;
  readonly found: string;
  /** True if data that is needed to evaluate the constraint is missing. */
  readonly unresolved?: true;
}

/** Unknown members of a constraint, which may be limits. */
export const unknownMembers = (members: readonly string[], path: string): ConstraintViolation[] =>
  members.map((member) =>
    violationOf('constraint-members', path, {
      member,
      expected: 'a member defined by AP2 v0.2',
      found: 'another',
      unresolved: true,
    }),
  );

/** Converts a finding to a violation. */
export const violationOf = (rule: ConstraintRule, path: string, finding: Finding): ConstraintViolation => ({
  rule,
  path: path + finding.member,
  expected: finding.expected,
  found: finding.found,
  error: finding.unresolved ? 'unresolved_constraint' : 'invalid_mandate',
});

/** Thrown if a closed mandate violates an open one. */
export class MandateConstraintError extends MandateError {
  /** All violations. The message describes the first. */
  readonly violations: readonly ConstraintViolation[];

  /** @internal */
  constructor(violations: readonly [ConstraintViolation, ...ConstraintViolation[]]) {
    const [{ rule, path, expected, found }] = violations;
    super('ERR_MANDATE_CONSTRAINT_VIOLATED', path, `"${path}" (${rule}) demands ${expected}, found ${found}`);
    this.violations = violations;
  }
}

const VIOLATION = {
  rule: required(aString as Check<ConstraintRule>),
  path: required(aString),
  expected: required(aString),
  found: required(aString),
  error: required(oneOf('invalid_mandate', 'unresolved_constraint')),
};

/** The violations in the result of an evaluation that the caller hands back. */
export const readViolations = (evaluation: unknown): readonly ConstraintViolation[] =>
  readResult(
    evaluation,
    { violations: required(aListOf((each, path) => readResult(each, VIOLATION, path, 'a violation'))) },
    'evaluation',
    'the result of an evaluation',
  ).violations;

/** Throws if there are violations. */
export function refuseViolations(violations: readonly ConstraintViolation[]): void {
  const [first, ...others] = violations;
  if (first !== undefined) throw new MandateConstraintError([first, ...others]);
}

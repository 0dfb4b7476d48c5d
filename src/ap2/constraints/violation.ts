import { MandateError } from '../../errors.js';
import type { CheckoutConstraint, PaymentConstraint } from '../model/constraints.js';

/** What was broken: the constraint's `type`, or a rule that AP2 has beside the constraints. */
export type ConstraintRule =
  | PaymentConstraint['type']
  | CheckoutConstraint['type']
  /** A claim of the open mandate stands unchanged in the closed one (agent_authorization.md "Verification…", step 2). */
  | 'pre-set claim'
  /** The closed payment mandate is for the checkout that the caller named. */
  | 'transaction_id'
  /** The closed checkout mandate is for the checkout that was evaluated. */
  | 'checkout_hash'
  /** The checkout can be completed, and the payment is the one that it asks for (SPEC.md §10.6). */
  | 'checkout'
  /** The mandate was not used before, or may be used again (SPEC.md §10.6). */
  | 'history'
  /** Every member of a constraint is one that AP2 v0.2 defines. */
  | 'constraint-members'
  /** The user delegated the checkout and its payment to the same agent (SPEC.md §10.10). */
  | 'agent'
  /** A mandate is valid at the time in question. Before signing alone: a verifier refuses with jose's error. */
  | 'lifetime';

/** One way in which a closed mandate breaks an open one. It holds amounts, currencies, dates and counts, no other values. */
export interface ConstraintViolation {
  /** What was broken. */
  readonly rule: ConstraintRule;
  /** Where that is demanded, such as `open.constraints[1].max`. */
  readonly path: string;
  /** What was demanded. */
  readonly expected: string;
  /** What there was. */
  readonly found: string;
  /**
   * The code for the receipt (AP2 v0.2, agent_authorization.md "Errors"): `unresolved_constraint` where it could not be
   * found out whether the constraint is met, `invalid_mandate` where it is not.
   */
  readonly error: 'invalid_mandate' | 'unresolved_constraint';
}

/** What the evaluation of one constraint finds; `member` is the path below the constraint. */
export interface Finding {
  readonly member: string;
  readonly expected: string;
  readonly found: string;
  /** Set where something that is needed to evaluate the constraint is missing. */
  readonly unresolved?: true;
}

/** Members of a constraint that nobody here understands: they may be limits. */
export const unknownMembers = (members: readonly string[], path: string): ConstraintViolation[] =>
  members.map((member) =>
    violationOf('constraint-members', path, {
      member,
      expected: 'a member that AP2 v0.2 defines',
      found: 'another',
      unresolved: true,
    }),
  );

/** The violation that a finding amounts to. */
export const violationOf = (rule: ConstraintRule, path: string, finding: Finding): ConstraintViolation => ({
  rule,
  path: path + finding.member,
  expected: finding.expected,
  found: finding.found,
  error: finding.unresolved === true ? 'unresolved_constraint' : 'invalid_mandate',
});

/** Thrown where a closed mandate violates an open one. */
export class MandateConstraintError extends MandateError {
  /** Every violation that was found, the first of which the message tells. */
  readonly violations: readonly ConstraintViolation[];

  /** @internal */
  constructor(violations: readonly [ConstraintViolation, ...ConstraintViolation[]]) {
    const [{ rule, path, expected, found }] = violations;
    super('ERR_MANDATE_CONSTRAINT_VIOLATED', path, `"${path}" (${rule}) demands ${expected}, found ${found}`);
    this.violations = violations;
  }
}

/** Throws where there are violations. */
export function refuseViolations(violations: readonly ConstraintViolation[]): void {
  const [first, ...others] = violations;
  if (first !== undefined) throw new MandateConstraintError([first, ...others]);
}

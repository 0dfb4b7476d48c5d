import { MandateError } from '../../errors.js';
import type { ConstraintViolation } from './violation.js';

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

import type { JsonValue } from '../../encoding/json.js';
import { printable } from '../../options.js';
import { isSameJson } from './allowed.js';
import { type ConstraintViolation, violationOf } from './violation.js';

/** Claims that concern the mandate that contains them, not the transaction. */
const OF_THE_MANDATE_ITSELF: readonly string[] = [
  'vct',
  'vct#integrity',
  'constraints',
  'cnf',
  'pq_cnf',
  'iss',
  'iat',
  'nbf',
  'exp',
  'jti',
  'status',
];

/**
 * agent_authorization.md, "Verification and Processing Rules", step 2: every pre-set claim, whatever its name, must be
 * unchanged. `except` lists claims that the caller compares in another way.
 */
export function evaluatePreSetClaims(
  open: object,
  closed: object,
  path: string,
  except: readonly string[] = [],
): ConstraintViolation[] {
  const found = new Map<string, JsonValue>(Object.entries(closed));
  return Object.entries(open as { [name: string]: JsonValue }).flatMap(([name, demanded]) => {
    if (OF_THE_MANDATE_ITSELF.includes(name) || except.includes(name)) return [];
    if (isSameJson(demanded, found.get(name))) return [];
    return violationOf('pre-set claim', path, {
      member: `.${printable(name)}`,
      expected: 'the same in the closed mandate',
      found: found.has(name) ? 'another value' : 'none',
    });
  });
}

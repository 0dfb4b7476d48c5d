import { canonicalize } from '../../encoding/canonicalize.js';
import type { JsonValue } from '../../encoding/json.js';
import { type ConstraintViolation, violationOf } from './violation.js';

/** agent_authorization.md, "Verification and Processing Rules", step 2: what is settled already stays as it is. */
export function evaluatePreSetClaims(
  names: readonly string[],
  open: { readonly [name: string]: unknown },
  closed: { readonly [name: string]: unknown },
  path: string,
): ConstraintViolation[] {
  return names.flatMap((name) => {
    const [demanded, found] = [open[name], closed[name]] as [JsonValue | undefined, JsonValue | undefined];
    if (demanded === undefined) return [];
    if (found !== undefined && canonicalize(demanded) === canonicalize(found)) return [];
    return violationOf('pre-set claim', path, {
      member: `.${name}`,
      expected: 'the same in the closed mandate',
      found: found === undefined ? 'none' : 'another value',
    });
  });
}

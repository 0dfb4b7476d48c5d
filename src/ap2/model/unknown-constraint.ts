import type { JsonObject } from '../../encoding/json.js';
import { isJsonObject } from '../../encoding/json.js';
import { MandateError } from '../../errors.js';

/**
 * "Any unknown Constraints MUST be treated as failing" (AP2 v0.2, agent_authorization.md): a code of its own, since AP2
 * has an error of its own for it, `unresolved_constraint`. What is not a constraint at all is left to the schema.
 */
export function refuseUnknownConstraints(mandate: JsonObject, known: readonly string[], path: string): void {
  const constraints = mandate.constraints;
  if (!Array.isArray(constraints)) return;
  for (const [index, constraint] of constraints.entries()) {
    const type = isJsonObject(constraint) ? constraint.type : undefined;
    if (typeof type !== 'string' || known.includes(type)) continue;
    const parameter = `${path}.constraints[${index}].type`;
    throw new MandateError(
      'ERR_MANDATE_CONSTRAINT_UNKNOWN',
      parameter,
      `"${parameter}" must be a known type of constraint, one of ${known.join(', ')}`,
    );
  }
}

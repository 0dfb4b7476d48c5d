import { MandateError } from '../errors.js';
import { isJsonObject } from '../json/types.js';
import type { ImportedPrivateKeys } from './import.js';
import { importEs256Private, importMlDsa65Private } from './import.js';

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Which variable holds which key, each in any form of {@link KeyInput}. */
export interface KeyVariables {
  readonly es256: string;
  readonly mldsa65: string;
  /** The variable that holds the `kid` of the pair. */
  readonly kid?: string | undefined;
}

/**
 * Private keys out of environment variables, where hosting platforms keep them: one variable for each key, or one for
 * both, which then holds `JSON.stringify(privateKeys)`, as it is or in base64. Errors name the variable and say whether it
 * is missing, truncated, or holds the wrong half; they never show it.
 *
 * @example
 * ```ts
 * const privateKeys = await mandatePrivateKeysFromEnv(process.env, 'AP2_PRIVATE_KEYS');
 * ```
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export async function mandatePrivateKeysFromEnv(
  environment: Environment,
  variables: string | KeyVariables,
): Promise<ImportedPrivateKeys> {
  if (typeof variables === 'string') return bothFromOne(environment[variables], variables);
  const { es256, mldsa65, kid } = variables;
  const sharedKid = kid === undefined ? undefined : environment[kid];
  if (kid !== undefined && !sharedKid) refuse(kid, 'set: it is missing or empty, and must hold the "kid"');
  return {
    es256: await importEs256Private(environment[es256], sharedKid, es256),
    mldsa65: importMlDsa65Private(environment[mldsa65], sharedKid, mldsa65),
  };
}

async function bothFromOne(value: string | undefined, variable: string): Promise<ImportedPrivateKeys> {
  if (!value) return refuse(variable, 'set: it is missing or empty, and must hold both private keys as JSON');
  const text = value.trim();
  let keys: unknown;
  try {
    keys = JSON.parse(text.startsWith('{') ? text : atob(text.replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return refuse(variable, 'complete JSON, or base64 of it; it is truncated or damaged');
  }
  if (!isJsonObject(keys)) return refuse(variable, 'a JSON object with the members "es256" and "mldsa65"');
  return {
    es256: await importEs256Private(keys.es256, undefined, `${variable}.es256`),
    mldsa65: importMlDsa65Private(keys.mldsa65, undefined, `${variable}.mldsa65`),
  };
}

function refuse(variable: string, expected: string): never {
  throw new MandateError(
    'ERR_MANDATE_KEY_INVALID',
    variable,
    `the variable "${variable}" must be ${expected}`,
  );
}

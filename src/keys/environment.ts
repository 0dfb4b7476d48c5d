import { isJsonObject } from '../encoding/json.js';
import { readJson } from '../encoding/read-json.js';
import { fail } from '../errors.js';
import { checkNames, checkOptions, invalidArgument, readValue } from '../options.js';
import { type ImportedPrivateKeys, importEs256Private, importMlDsa65Private } from './import.js';

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the variable of each key; the value can have any form of {@link KeyInput}. */
export interface KeyVariables {
  readonly es256: string;
  readonly mldsa65: string;
  /** The variable that holds the `kid` of the pair. */
  readonly kid?: string | undefined;
}

/**
 * Imports private keys from environment variables, where hosting platforms keep them. Use one variable for each key, or one for
 * both, which then holds `JSON.stringify(privateKeys)`, as it is or in base64. Errors name the variable and say whether it is
 * missing, truncated, or holds a public key instead of a private one. They never include the value.
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
  if (typeof environment !== 'object' || environment === null)
    invalidArgument('environment', 'an object, such as process.env');
  const readVariable = (name: string) =>
    readValue('environment', () => (Object.hasOwn(environment, name) ? environment[name] : undefined));
  if (typeof variables === 'string')
    return bothFromOne(readVariable(checkName(variables, 'variables')), variables);
  const { es256, mldsa65, kid } = checkVariables(variables);
  const sharedKid = kid === undefined ? undefined : readVariable(kid);
  if (kid !== undefined && !sharedKid) refuse(kid, 'set to the "kid"; it is missing or empty');
  return {
    es256: await importEs256Private(readVariable(es256), sharedKid, es256),
    mldsa65: await importMlDsa65Private(readVariable(mldsa65), sharedKid, mldsa65),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));

async function bothFromOne(value: unknown, variable: string): Promise<ImportedPrivateKeys> {
  if (typeof value !== 'string' || value === '')
    return refuse(variable, 'set to both private keys as JSON; it is missing or empty');
  const text = value.trim();
  let keys: unknown;
  try {
    keys = readJson(text.startsWith('{') ? text : utf8.decode(fromBase64(text)));
  } catch {
    return refuse(variable, 'complete JSON, or base64 of it; it is truncated or damaged');
  }
  if (!isJsonObject(keys)) return refuse(variable, 'a JSON object with the members "es256" and "mldsa65"');
  // The whole result of generateMandateKeys is accepted too.
  const pair = isJsonObject(keys.privateKeys) ? keys.privateKeys : keys;
  return {
    es256: await importEs256Private(pair.es256, undefined, `${variable}.es256`),
    mldsa65: await importMlDsa65Private(pair.mldsa65, undefined, `${variable}.mldsa65`),
  };
}

/** A caller may pass the value instead of the name by mistake: it must not end up in a message. */
function checkName(name: unknown, parameter: string): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) return name;
  return invalidArgument(parameter, 'the name of a variable, not its value');
}

function checkVariables(variables: KeyVariables): KeyVariables {
  const names = checkOptions(variables, 'variables');
  checkNames(names, ['es256', 'mldsa65', 'kid']);
  for (const name of ['es256', 'mldsa65'] as const) checkName(names[name], `variables.${name}`);
  if (names.kid !== undefined) checkName(names.kid, 'variables.kid');
  return names;
}

function refuse(variable: string, expected: string): never {
  return fail('ERR_MANDATE_KEY_INVALID', variable, `the variable "${variable}" must be ${expected}`);
}

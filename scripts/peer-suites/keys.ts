import { createPrivateKey, createPublicKey } from 'node:crypto';
import { generateMandateKeys, importMandatePrivateKeys, importMandatePublicKeys } from 'ap2-pq';
import { type SuiteBuilder, type Verdict, verdictOf } from './case.js';
import type { KeyCall } from './recorded.js';

/** The other half of a pair, which the import requires. */
const { privateKeys, publicKeys } = await generateMandateKeys();
const withoutKid = <T extends object>({ kid: _, ...key }: T & { kid?: unknown }): object => key;

export type Role = 'es256' | 'mldsa65';

/** SPEC.md §8: the import of one key. Its `kid` is that of the pair. */
export function importKey(
  key: string | Uint8Array | object,
  role: Role,
  isPrivate: boolean,
): Promise<Verdict> {
  const others = isPrivate ? privateKeys : publicKeys;
  const pair = {
    es256: withoutKid(others.es256),
    mldsa65: withoutKid(others.mldsa65),
    [role]: key,
  };
  return verdictOf(async () => {
    await (isPrivate ? importMandatePrivateKeys(pair) : importMandatePublicKeys(pair));
  });
}

type Jwk = Readonly<Record<string, unknown>>;

/** The role of a JWK in a pair; undefined for a key of another kind. The import detects missing members. */
function roleOf({ kty, crv, alg }: Jwk): Role | undefined {
  if (kty === 'AKP' && (alg === undefined || alg === 'ML-DSA-65')) return 'mldsa65';
  if ((kty === 'EC' || kty === undefined) && (crv === 'P-256' || crv === undefined)) return 'es256';
  return undefined;
}

/** The type of a PEM key according to Node, used only to skip keys of other kinds. */
function kindOf(pem: string): { readonly isP256: boolean; readonly isPrivate: boolean } | undefined {
  const isPrivate = pem.includes('PRIVATE');
  try {
    const key = isPrivate ? createPrivateKey(pem) : createPublicKey(pem);
    return { isP256: key.asymmetricKeyDetails?.namedCurve === 'prime256v1', isPrivate };
  } catch {
    return undefined;
  }
}

export function addKey(suite: SuiteBuilder, { test, key, error }: KeyCall): void {
  const expected = error === null ? 'accept' : 'reject';
  const jwk = typeof key === 'string' && key.trimStart().startsWith('{') ? parse(key) : key;
  if (typeof jwk === 'object' && jwk !== null) {
    const role = roleOf(jwk as Jwk);
    if (role === undefined) {
      suite.skip('a key of another kind');
      return;
    }
    const isPrivate = 'd' in jwk || 'priv' in jwk;
    suite.add(test, { expected, judge: () => importKey(key, role, isPrivate) });
    return;
  }
  if (typeof jwk !== 'string') {
    suite.add(test, { expected, judge: () => importKey(jwk as never, 'es256', false) });
    return;
  }
  const kind = kindOf(jwk);
  if (kind === undefined && error === null) {
    suite.skip('a form that Node does not read either');
    return;
  }
  if (kind !== undefined && !kind.isP256) {
    suite.skip('a key of another kind');
    return;
  }
  suite.add(test, { expected, judge: () => importKey(jwk, 'es256', kind?.isPrivate === true) });
  return;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

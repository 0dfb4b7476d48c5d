// SPEC.md §10.2: `cnf` and `pq_cnf`, and the promise of a post-quantum signature, for a single mandate and its key binding JWT.
import { agent, base64url, publicKeys, wallet } from '../../keys.js';
import {
  akpJwk,
  boundClassical,
  boundWithPq,
  classicalConfirmation,
  confirmationByThumbprint,
  confirmation as confirmed,
  ecJwk,
  thumbprintOf,
  thumbprintsOf,
} from '../ap2.js';
import type { Making } from '../case.js';
import { group } from '../case.js';
import { HYBRID, headerOf } from '../forge.js';
import { replaced, withSpareBit } from '../texts.js';

const classical = boundClassical(classicalConfirmation(wallet));
const pq = boundWithPq(confirmed(wallet));
const byThumbprint: Making = {
  ...boundWithPq(confirmationByThumbprint(wallet)),
  options: {
    ...pq.options,
    keyBinding: { ...(pq.options?.keyBinding as object), thumbprints: thumbprintsOf(wallet) },
  },
};
const quantumSafe = (making: Making, policy: string): Making => ({
  ...making,
  classical: false,
  keys: {},
  options: { ...making.options, policy },
});

const cnf = (id: string, comment: string, value: unknown) => ({
  id: `cnf-${id}`,
  comment,
  base: classical,
  defect: { payload: { cnf: value } },
});
const pqCnf = (id: string, comment: string, value: unknown) => ({
  id: `pq-cnf-${id}`,
  comment,
  base: pq,
  defect: { payload: { pq_cnf: value } },
});
/** What is tried only after the thumbprint was read. */
const jkt = (id: string, comment: string, value: unknown) => ({
  ...pqCnf(`jkt-${id}`, comment, { jkt: value }),
  base: byThumbprint,
});
const found = (id: string, comment: string, thumbprints: unknown, code = 'ERR_MANDATE_KEY_UNRESOLVED') => ({
  id: `thumbprint-${id}`,
  comment,
  rule: 'R10.4',
  code,
  base: byThumbprint,
  defect: { options: { keyBinding: { thumbprints } } },
});

/** RFC 9901 §4.3 over a hybrid: the component in the place of the outer signature, and `pq_sig` gone (SPEC.md §12). */
function strip(mandate: string): string {
  const at = mandate.lastIndexOf('~') + 1;
  const kbJwt = mandate.slice(at);
  const { pq_sig, ...header } = headerOf(`${kbJwt}~`);
  const component = Buffer.from(pq_sig, 'base64url').subarray(0, 64);
  const payload = kbJwt.split('.')[1];
  return `${mandate.slice(0, at)}${base64url(JSON.stringify(header))}.${payload}.${base64url(component)}`;
}

export const confirmation = [
  ...group(
    'confirmation',
    { rule: 'R10.1', code: 'ERR_MANDATE_CONFIRMATION_INVALID', flags: ['confirmation'] },
    [
      cnf('missing', 'No "cnf"', undefined),
      cnf('string', 'The "cnf" is a string', 'wallet'),
      cnf('empty', 'The "cnf" is empty', {}),
      cnf('kid-only', 'The "cnf" has a "kid" and no key', { kid: wallet.kid }),
      cnf('jwk-string', 'The "jwk" in "cnf" is a string', { jwk: 'wallet' }),
      cnf('jku', 'The "cnf" has a "jku" beside its key', {
        jwk: ecJwk(wallet),
        jku: 'https://wallet.example',
      }),
      cnf('jwe', 'The "cnf" has a "jwe" beside its key', { jwk: ecJwk(wallet), jwe: 'x' }),
      pqCnf('null', 'The "pq_cnf" is null, which is not its absence', null),
      pqCnf('string', 'The "pq_cnf" is a string', 'wallet'),
      pqCnf('empty', 'The "pq_cnf" is empty', {}),
      pqCnf('array', 'The "pq_cnf" is an array', [{ jwk: akpJwk(wallet) }]),
      pqCnf('both-forms', 'The "pq_cnf" has the key and its thumbprint', {
        jwk: akpJwk(wallet),
        jkt: thumbprintOf(wallet),
      }),
      pqCnf('unknown-member', 'The "pq_cnf" has a member beside the key', {
        jwk: akpJwk(wallet),
        kid: wallet.kid,
      }),
      pqCnf('kid-only', 'The "pq_cnf" has a "kid" and no key', { kid: wallet.kid }),
      pqCnf('jwk-null', 'The "jwk" in "pq_cnf" is null', { jwk: null }),
      jkt('short', 'A thumbprint of 42 characters', thumbprintOf(wallet).slice(0, 42)),
      jkt(
        'spare-bit',
        'A thumbprint with a bit set that belongs to no byte',
        withSpareBit(thumbprintOf(wallet)),
      ),
      jkt('padded', 'A thumbprint with padding', `${thumbprintOf(wallet)}=`),
      jkt('array', 'An array of the thumbprint', [thumbprintOf(wallet)]),
    ],
  ),
  ...group(
    'confirmation',
    { rule: 'R10.1', code: 'ERR_MANDATE_KEY_INVALID', flags: ['confirmation', 'key-form'] },
    [
      cnf('private', 'The private key in "cnf"', {
        jwk: { ...ecJwk(wallet), d: wallet.privateKeys.es256.d },
      }),
      cnf('use-enc', 'The key in "cnf" is for encryption', { jwk: { ...ecJwk(wallet), use: 'enc' } }),
      cnf('key-ops-sign', 'The key in "cnf" is not for verifying', {
        jwk: { ...ecJwk(wallet), key_ops: ['sign'] },
      }),
      cnf('off-curve', 'The key in "cnf" is not a point of P-256', {
        jwk: { ...ecJwk(wallet), y: ecJwk(agent).y },
      }),
      cnf('coordinate-short', 'A coordinate of 31 bytes', {
        jwk: { ...ecJwk(wallet), x: base64url(Buffer.alloc(31, 1)) },
      }),
      pqCnf('private', 'The private key in "pq_cnf"', {
        jwk: { ...akpJwk(wallet), priv: wallet.privateKeys.mldsa65.priv },
      }),
      pqCnf('alg-missing', 'The key in "pq_cnf" has no "alg"', {
        jwk: { ...akpJwk(wallet), alg: undefined },
      }),
      pqCnf('alg-other', 'The key in "pq_cnf" is said to be of ML-DSA-44', {
        jwk: { ...akpJwk(wallet), alg: 'ML-DSA-44' },
      }),
      pqCnf('pub-short', 'The key in "pq_cnf" is three bytes short', {
        jwk: { ...akpJwk(wallet), pub: akpJwk(wallet).pub.slice(0, -4) },
      }),
    ],
  ),
  ...group(
    'confirmation',
    { rule: 'R10.1', code: 'ERR_MANDATE_CONFIRMATION_INVALID', flags: ['confirmation', 'key-form'] },
    [
      cnf('akp', 'An AKP key in "cnf"', { jwk: akpJwk(wallet) }),
      cnf('crv-other', 'A key of another curve in "cnf"', { jwk: { ...ecJwk(wallet), crv: 'P-384' } }),
      pqCnf('ec', 'An EC key in "pq_cnf"', { jwk: ecJwk(wallet) }),
    ],
  ),
  ...group(
    'confirmation',
    { rule: 'R10.4', code: 'ERR_MANDATE_KEY_UNRESOLVED', flags: ['confirmation', 'wrong-key'] },
    [
      found('not-resolvable', 'A thumbprint, and nothing that could find its key', undefined),
      found('unknown', 'A thumbprint whose key is not found', {}),
      found('of-other-key', 'What is found under a thumbprint is another key', {
        [thumbprintOf(wallet)]: akpJwk(agent),
      }),
      found('of-ec-key', 'What is found under a thumbprint is the EC key', {
        [thumbprintOf(wallet)]: ecJwk(wallet),
      }),
      found(
        'private',
        'What is found under a thumbprint is the private key',
        { [thumbprintOf(wallet)]: wallet.privateKeys.mldsa65 },
        'ERR_MANDATE_KEY_INVALID',
      ),
      found('text', 'What is found under a thumbprint is a string', {
        [thumbprintOf(wallet)]: akpJwk(wallet).pub,
      }),
      {
        id: 'kids-differ',
        comment: 'The keys in "cnf" and "pq_cnf" have two "kid"',
        rule: 'R8.15',
        flags: ['key-mismatch'],
        base: pq,
        defect: { payload: { pq_cnf: { jwk: { ...akpJwk(wallet), kid: agent.kid } } } },
      },
    ],
  ),
  ...group(
    'confirmation',
    { rule: 'R10.2', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['promise', 'downgrade'] },
    [
      {
        id: 'promise-broken-under-pq-optional',
        comment: 'A "pq_cnf", and a classical-only key binding JWT, under pq-optional',
        base: pq,
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-broken-under-pq-required',
        comment: 'The same under pq-required, by thumbprint',
        base: quantumSafe(byThumbprint, 'pq-required'),
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-broken-under-pq-only',
        comment: 'The same under pq-only, by thumbprint',
        base: quantumSafe(byThumbprint, 'pq-only'),
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-stripped',
        comment: 'The key binding JWT was a hybrid, and is cut down to its ES256 component',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['stripping'],
        base: { ...pq, binding: { pqAlg: HYBRID } },
        defect: { edit: strip },
      },
      {
        id: 'promise-to-other-key',
        comment: 'The key in "pq_cnf" is not the one that the key binding JWT is signed with',
        code: 'ERR_MANDATE_ML_DSA_65_INVALID',
        flags: ['wrong-key'],
        base: pq,
        defect: { payload: { pq_cnf: { jwk: { ...akpJwk(wallet), pub: publicKeys.mldsa65.pub } } } },
      },
      {
        id: 'pq-cnf-removed-from-payload',
        comment: 'The "pq_cnf" was cut out of the payload after it was signed',
        rule: 'R6.24',
        code: 'ERR_MANDATE_ES256_INVALID',
        flags: ['substitution'],
        base: pq,
        defect: { edit: (mandate) => replacePayload(mandate, ({ pq_cnf: _, ...rest }) => rest) },
      },
    ],
  ),
  ...group('confirmation', { rule: 'R10.3', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['promise', 'policy'] }, [
    {
      id: 'no-promise-under-pq-required',
      comment:
        'No "pq_cnf", and a classical-only key binding JWT for a mandate with ML-DSA-65, under pq-required',
      base: quantumSafe(classical, 'pq-optional'),
      defect: { options: { policy: 'pq-required' } },
    },
    {
      id: 'no-promise-under-pq-only',
      comment: 'The same under pq-only',
      base: quantumSafe(classical, 'pq-optional'),
      defect: { options: { policy: 'pq-only' } },
    },
    {
      id: 'no-promise-and-pq-sig',
      comment: 'No "pq_cnf", and a key binding JWT with ML-DSA-65: by whose key, nothing says',
      code: 'ERR_MANDATE_KEY_UNRESOLVED',
      flags: ['wrong-key'],
      base: classical,
      defect: { binding: { classical: false } },
    },
  ]),
];

function replacePayload(mandate: string, change: (claims: Record<string, unknown>) => object): string {
  const encoded = mandate.split('.')[1] as string;
  const claims = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  return replaced(mandate, encoded, base64url(JSON.stringify(change(claims))));
}

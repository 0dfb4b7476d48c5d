// SPEC.md §10.2, R10.1: the form of `cnf` and `pq_cnf`, in a single mandate with a key binding JWT.
import { agent, base64url, wallet } from '../../keys.js';
import {
  akpJwk,
  boundClassical,
  boundWithPq,
  boundByThumbprint as byThumbprint,
  classicalConfirmation,
  confirmation as confirmed,
  ecJwk,
  thumbprintOf,
} from '../ap2.js';
import { group } from '../case.js';
import { withSpareBit } from '../texts.js';

const classical = boundClassical(classicalConfirmation(wallet));
const pq = boundWithPq(confirmed(wallet));

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
/** Checked only after the thumbprint was read. */
const jkt = (id: string, comment: string, value: unknown) => ({
  ...pqCnf(`jkt-${id}`, comment, { jkt: value }),
  base: byThumbprint,
});

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
];
